import type { ListRolePoliciesRequest, ListRolePoliciesResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { type Iam, iamPage } from "../iam";

export const ListRolePolicies: Action<ListRolePoliciesRequest, ListRolePoliciesResponse, Iam> = {
  handles: ["RoleName", "Marker", "MaxItems"],
  run({ RoleName, Marker, MaxItems }, iam) {
    const { page, rest } = iamPage(Object.keys(iam.role(RoleName).policies).sort(), Marker, MaxItems);
    return { PolicyNames: page, ...rest };
  },
};
