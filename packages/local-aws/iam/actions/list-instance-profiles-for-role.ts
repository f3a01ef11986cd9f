import type { ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { type Iam, iamPage } from "../iam";

/** There are no instance profiles here. */
export const ListInstanceProfilesForRole: Action<
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  Iam
> = {
  handles: ["RoleName", "Marker", "MaxItems"],
  run({ RoleName, Marker, MaxItems }, iam) {
    iam.role(RoleName);
    return { InstanceProfiles: [], ...iamPage([], Marker, MaxItems).rest };
  },
};
