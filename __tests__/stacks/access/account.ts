import type { Policy, Statement } from "@event-pipeline/iam-policy/policy";
import { listOf } from "@event-pipeline/iam-policy/policy";
import { at, type Synthesized } from "@event-pipeline/testing/synthesized";

export const REGION = "us-east-1";
export const OWN_ACCOUNT = "111111111111";
const NAME = "alice";

/** A policy document in the stack, and the resource to which it is attached. */
export interface AttachedPolicy {
  /** Block and argument of the document, such as `aws_iam_role.event_processor.assume_role_policy`. */
  readonly source: string;
  /** Address of the role or resource to which the document is attached; `*` for X-Ray's policy. */
  readonly to: string;
  readonly ofIdentity: boolean;
  readonly policy: Policy;
}

/** The argument with the document, and the argument that names the block to which the document is attached. */
const DOCUMENTS: Readonly<Record<string, readonly (readonly [document: string, to?: string])[]>> = {
  aws_iam_role: [["assume_role_policy"]],
  aws_iam_role_policy: [["policy", "role"]],
  aws_kms_key: [["policy"]],
  aws_s3_bucket_policy: [["policy", "bucket"]],
  aws_sns_topic_policy: [["policy", "arn"]],
  aws_sqs_queue_policy: [["policy", "queue_url"]],
  aws_xray_resource_policy: [["policy_document"]],
};

/** Returns every policy of a stack. Resolves references with the values of `OWN_ACCOUNT`. */
export function attachedPolicies(stack: Synthesized): AttachedPolicy[] {
  return Object.entries(DOCUMENTS).flatMap(([type, documents]) =>
    Object.entries(stack.resource[type] ?? {}).flatMap(([name, block]) =>
      documents.map(([document, to]) => ({
        source: `${type}.${name}.${document}`,
        to: attachment(`${type}.${name}`, to === undefined ? undefined : String(block[to])),
        ofIdentity: type === "aws_iam_role_policy",
        policy: JSON.parse(resolved(stack, String(block[document]))) as Policy,
      })),
    ),
  );
}

function attachment(address: string, reference: string | undefined): string {
  if (address.startsWith("aws_xray_")) return "*";
  const named = reference === undefined ? address : /^\$\{(\w+\.\w+)\.\w+\}$/.exec(reference)?.[1];
  if (named === undefined) throw new Error(`${address} is attached to ${reference}, which is not another block.`);
  return named;
}

export function statementsOf({ policy }: AttachedPolicy): readonly Statement[] {
  return listOf<Statement>(policy.Statement);
}

/** Builds a block's ARN from its name, by resource type. */
const ARNS: Readonly<Record<string, (block: Readonly<Record<string, unknown>>, name: string) => string>> = {
  aws_cloudwatch_log_group: ({ name }) => `arn:aws:logs:${REGION}:${OWN_ACCOUNT}:log-group:${name}`,
  aws_dynamodb_table: ({ name }) => `arn:aws:dynamodb:${REGION}:${OWN_ACCOUNT}:table/${name}`,
  aws_iam_role: ({ name, path = "/" }) => `arn:aws:iam::${OWN_ACCOUNT}:role${path}${name}`,
  aws_kinesis_firehose_delivery_stream: ({ name }) =>
    `arn:aws:firehose:${REGION}:${OWN_ACCOUNT}:deliverystream/${name}`,
  aws_kms_key: (_, address) => `arn:aws:kms:${REGION}:${OWN_ACCOUNT}:key/${address}`,
  aws_s3_bucket: ({ bucket }) => `arn:aws:s3:::${bucket}`,
  aws_sns_topic: ({ name }) => `arn:aws:sns:${REGION}:${OWN_ACCOUNT}:${name}`,
  aws_sqs_queue: ({ name }) => `arn:aws:sqs:${REGION}:${OWN_ACCOUNT}:${name}`,
};

export function arnOf(stack: Synthesized, address: string): string {
  const [type = "", name = ""] = address.split(".");
  const arn = ARNS[type];
  if (!arn) throw new Error(`The ARN of ${address} is unknown.`);
  return resolved(stack, arn(at(stack, address), name));
}

function resolved(stack: Synthesized, text: string): string {
  return text.replace(/\$\{([^{}]*)\}/g, (reference, expression: string) => {
    if (expression === "var.name") return NAME;
    if (expression === "data.aws_caller_identity.current.account_id") return OWN_ACCOUNT;
    const [, address] = /^(aws_\w+\.\w+)\.arn$/.exec(expression) ?? [];
    if (address === undefined) throw new Error(`A policy refers to ${reference}, which this test cannot resolve.`);
    return arnOf(stack, address);
  });
}
