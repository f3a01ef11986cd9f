import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { CreateRole } from "./actions/create-role";
import { DeleteRole } from "./actions/delete-role";
import { DeleteRolePolicy } from "./actions/delete-role-policy";
import { GetRole } from "./actions/get-role";
import { GetRolePolicy } from "./actions/get-role-policy";
import { ListAttachedRolePolicies } from "./actions/list-attached-role-policies";
import { ListInstanceProfilesForRole } from "./actions/list-instance-profiles-for-role";
import { ListRolePolicies } from "./actions/list-role-policies";
import { ListRoles } from "./actions/list-roles";
import { PutRolePolicy } from "./actions/put-role-policy";
import type { Iam } from "./iam";

export const IAM: ServiceDefinition<Iam> = {
  name: "IAM",
  schemas: schemasOf("iam"),
  signingName: "iam",
  protocols: ["query"],
  queryVersion: "2010-05-08",
  xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
  maxBodyBytes: 1024 * 1024,
  unparsableCode: "MalformedQueryString",
  invalidInput: ({ message }) => new AwsError("ValidationError", message),
  actions: {
    CreateRole,
    DeleteRole,
    DeleteRolePolicy,
    GetRole,
    GetRolePolicy,
    ListAttachedRolePolicies,
    ListInstanceProfilesForRole,
    ListRolePolicies,
    ListRoles,
    PutRolePolicy,
  },
};
