import type { GetRoleRequest, GetRoleResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { describeRole, type Iam } from "../iam";

export const GetRole: Action<GetRoleRequest, GetRoleResponse, Iam> = {
  handles: ["RoleName"],
  run: ({ RoleName }, iam) => ({ Role: describeRole(iam.role(RoleName)) }),
};
