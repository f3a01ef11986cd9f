import type { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { type PolicyStatement, policyDocument, viaService } from "../policy-document";
import { addBlock, addressOf } from "../terraform";

const DECRYPT = ["kms:Decrypt"];
const DECRYPT_AND_GENERATE = ["kms:Decrypt", "kms:GenerateDataKey"];

/**
 * The KMS actions that a role needs for its calls, by service and call. The service calls KMS on the role's behalf.
 * DynamoDB does so only to decrypt the table's key; otherwise it uses grants from the creation of the table.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-cmk-trail
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
const KEY_USES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  sqs: { ReceiveMessage: DECRYPT, SendMessage: DECRYPT_AND_GENERATE },
  dynamodb: {
    BatchGetItem: DECRYPT,
    BatchWriteItem: DECRYPT,
    ConditionCheckItem: DECRYPT,
    DeleteItem: DECRYPT,
    GetItem: DECRYPT,
    PartiQLDelete: DECRYPT,
    PartiQLInsert: DECRYPT,
    PartiQLSelect: DECRYPT,
    PartiQLUpdate: DECRYPT,
    PutItem: DECRYPT,
    Query: DECRYPT,
    Scan: DECRYPT,
    UpdateItem: DECRYPT,
  },
  s3: { GetObject: DECRYPT, GetObjectVersion: DECRYPT, PutObject: DECRYPT_AND_GENERATE },
  sns: { Publish: DECRYPT_AND_GENERATE },
};

/**
 * Lets a pipeline's roles use its KMS keys. Each policy depends only on its role and the keys, so that Terraform can
 * create it before any resource that is encrypted with the keys.
 */
export class KeyAccess {
  private readonly policies: IamRolePolicy[] = [];
  private readonly users: TerraformResource[] = [];

  /** @param keyArns - The pipeline's key and its former keys. */
  constructor(
    private readonly keyArns: readonly string[],
    private readonly region: string,
  ) {}

  /**
   * Lets a role use the keys for the calls that its other statements allow.
   *
   * @param roleAddress - Terraform name of the role.
   * @param statements - The role's other statements.
   */
  allow(scope: Construct, role: IamRole, roleAddress: string, statements: readonly PolicyStatement[]): void {
    const keyStatements = useKeyStatements(this.keyArns, this.region, statements);
    if (keyStatements.length === 0) return;
    const policy = addBlock(scope, IamRolePolicy, "key-policy", `${roleAddress}_key`, {
      name: "use-key",
      role: role.id,
      policy: policyDocument(...keyStatements),
    });
    this.policies.push(policy);
    for (const user of this.users) dependOn(user, policy);
  }

  /** Makes a resource depend on the policies of all roles, including roles that are added later. */
  precedes(user: TerraformResource): void {
    this.users.push(user);
    for (const policy of this.policies) dependOn(user, policy);
  }
}

/** Returns statements that let a role use keys only through services that its other statements allow it to call. */
export function useKeyStatements(
  keyArns: readonly string[],
  region: string,
  statements: readonly PolicyStatement[],
): PolicyStatement[] {
  if (keyArns.length === 0) return [];
  const allowed = statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action);
  return Object.entries(KEY_USES).flatMap(([service, uses]) => {
    const needed = Object.entries(uses)
      .filter(([call]) => allowed.some((pattern) => covers(pattern, `${service}:${call}`)))
      .flatMap(([, actions]) => actions);
    if (needed.length === 0) return [];
    return {
      Sid: `UseKeyThrough${service.replace(/^./, (letter) => letter.toUpperCase())}`,
      Effect: "Allow",
      Action: [...new Set(needed)].sort(),
      Resource: keyArns,
      Condition: { StringEquals: viaService(service, region) },
    };
  });
}

/** Returns whether an IAM pattern matches an action. Ignores case; `*` matches any text, and `?` one character. */
function covers(pattern: string, action: string): boolean {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i").test(action);
}

function dependOn(resource: TerraformResource, policy: IamRolePolicy): void {
  resource.dependsOn = [...(resource.dependsOn ?? []), addressOf(policy)];
}
