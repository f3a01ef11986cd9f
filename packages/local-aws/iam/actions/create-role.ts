import type { CreateRoleRequest, CreateRoleResponse } from "@aws-sdk/client-iam";
import type { Action } from "../../gateway/service";
import { assertPolicyDocument } from "../../policy-document";
import { AwsError } from "../../protocols/aws-error";
import { assertName, describeRole, type Iam } from "../iam";

export const CreateRole: Action<CreateRoleRequest, CreateRoleResponse, Iam> = {
  handles: [
    "RoleName",
    "Path",
    "AssumeRolePolicyDocument",
    "Description",
    "MaxSessionDuration",
    "Tags.Key",
    "Tags.Value",
  ],
  differs: "stores the policy, and does not enforce it",
  run(
    { RoleName, Path = "/", AssumeRolePolicyDocument = "", Description, MaxSessionDuration = 3_600, Tags = [] },
    iam,
  ) {
    const name = assertName("roleName", RoleName);
    assertPolicyDocument(AssumeRolePolicyDocument, "Principal");
    if (!/^\/(?:[!-~]+\/)?$/.test(Path) || Path.length > 512) {
      throw new AwsError("ValidationError", `Invalid Path "${Path}": it must begin and end with a slash.`);
    }
    if (!Number.isInteger(MaxSessionDuration) || MaxSessionDuration < 3_600 || MaxSessionDuration > 43_200) {
      throw new AwsError(
        "ValidationError",
        `Invalid MaxSessionDuration ${MaxSessionDuration}: expected 3,600 to 43,200.`,
      );
    }
    const role = iam.create({
      name,
      path: Path,
      trustPolicy: AssumeRolePolicyDocument,
      description: Description,
      maxSessionSeconds: MaxSessionDuration,
      tags: Tags.map(({ Key = "", Value = "" }) => ({ Key, Value })),
    });
    return { Role: describeRole(role) };
  },
};
