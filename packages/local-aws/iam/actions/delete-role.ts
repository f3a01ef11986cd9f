import type { DeleteRoleRequest } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import type { Iam } from "../iam";

export const DeleteRole: Action<DeleteRoleRequest, void, Iam> = {
  handles: ["RoleName"],
  run: ({ RoleName = "" }, iam) => iam.delete(RoleName),
};
