import { type PolicyStatement, viaService } from "../policy-document";

const DECRYPT = ["kms:Decrypt"];
const DECRYPT_AND_GENERATE = ["kms:Decrypt", "kms:GenerateDataKey"];

/**
 * Calls for which a service uses the key as its caller, and the actions that it needs. DynamoDB decrypts the key of the
 * table, for a write as for a read; the rest it does by grants of the identity that created the table.
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
 * Lets a role use keys through the services that it calls, and for nothing else.
 *
 * @param calls - Actions that the role is allowed; they may have IAM's wildcards.
 */
export function useKeyStatements(
  keyArns: readonly string[],
  region: string,
  calls: readonly string[],
): PolicyStatement[] {
  if (keyArns.length === 0) return [];
  return Object.entries(KEY_USES).flatMap(([service, uses]) => {
    const needed = Object.entries(uses)
      .filter(([call]) => calls.some((pattern) => covers(pattern, `${service}:${call}`)))
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

/** Actions of statements that allow something. */
export function allowedActions(statements: readonly PolicyStatement[]): string[] {
  return statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action);
}

/** IAM compares actions without case; `*` is any text in them, `?` any one character. */
function covers(pattern: string, action: string): boolean {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i").test(action);
}
