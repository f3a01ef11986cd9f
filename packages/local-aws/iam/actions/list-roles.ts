import type { ListRolesRequest, ListRolesResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { describeRole, type Iam, iamPage } from "../iam";

export const ListRoles: Action<ListRolesRequest, ListRolesResponse, Iam> = {
  handles: ["PathPrefix", "Marker", "MaxItems"],
  run({ PathPrefix = "/", Marker, MaxItems }, iam) {
    const found = iam.all().filter(({ path }) => path.startsWith(PathPrefix));
    const { page, rest } = iamPage(found, Marker, MaxItems);
    return { Roles: page.map((role) => ({ ...describeRole(role), Tags: undefined })), ...rest };
  },
};
