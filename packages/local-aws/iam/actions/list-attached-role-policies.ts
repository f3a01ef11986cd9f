import type { ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { type Iam, iamPage } from "../iam";

/** Roles have only inline policies here. */
export const ListAttachedRolePolicies: Action<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse, Iam> =
  {
    handles: ["RoleName", "PathPrefix", "Marker", "MaxItems"],
    run({ RoleName, Marker, MaxItems }, iam) {
      iam.role(RoleName);
      return { AttachedPolicies: [], ...iamPage([], Marker, MaxItems).rest };
    },
  };
