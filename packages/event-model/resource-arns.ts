import { ARCHIVE_PREFIX } from "./archive-layout";
import { eventProcessorNames, pipelineNames, subscriberNames } from "./resource-names";

/** An IAM statement that allows actions, without a principal. */
export interface Permission {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Returns a statement that allows actions on resources. */
export function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Permission["Condition"],
): Permission {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** Returns the condition that a KMS key is used only by AWS services, on behalf of their callers. */
export function via(...services: readonly string[]): NonNullable<Permission["Condition"]> {
  return { StringEquals: { "kms:ViaService": services.map((service) => `${service}.REGION.amazonaws.com`) } };
}

const NAMES = pipelineNames("{name}");
const PROCESSOR = eventProcessorNames("{name}");
const CONSUMERS = [PROCESSOR, subscriberNames("{name}", "{subscriber}")];

/**
 * ARNs of a pipeline's resources, for policies with placeholders: `{name}`, `{subscriber}`, `REGION`, `ACCOUNT` and
 * `KEY_ID` stand for the pipeline's name, a subscriber's id, the region, and the ids of the account and the key.
 */
export const ARNS = {
  topic: arn("sns", NAMES.topic),
  alarmTopic: arn("sns", NAMES.alarmTopic),
  /**
   * Resources of actions on one subscription. Editions of AWS's reference name the topic, or no resource, and a
   * subscription has an ARN of its own. This matches all of them.
   */
  subscriptions: arn("sns", "*"),
  queues: CONSUMERS.map(({ queueName }) => arn("sqs", queueName)),
  deadLetterQueues: [...CONSUMERS.map(({ deadLetterQueueName }) => deadLetterQueueName), NAMES.undeliveredQueue].map(
    (name) => arn("sqs", name),
  ),
  table: arn("dynamodb", `table/${NAMES.table}`),
  functions: CONSUMERS.map(({ functionName }) => arn("lambda", `function:${functionName}`)),
  processorLogs: arn("logs", `log-group:${logGroupOf(PROCESSOR.functionName)}:*`),
  logGroups: [
    ...CONSUMERS.map(({ functionName }) => logGroupOf(functionName)),
    `/aws/kinesisfirehose/${NAMES.rawStream}`,
    `sns/REGION/ACCOUNT/${NAMES.topic}`,
    `sns/REGION/ACCOUNT/${NAMES.topic}/Failure`,
  ].map((name) => arn("logs", `log-group:${name}`)),
  stream: arn("firehose", `deliverystream/${NAMES.rawStream}`),
  bucket: `arn:aws:s3:::${NAMES.rawBucket}`,
  archivedObjects: `arn:aws:s3:::${NAMES.rawBucket}/${ARCHIVE_PREFIX}*`,
  roles: [
    ...CONSUMERS.map(({ functionName }) => functionName),
    NAMES.rawStreamRole,
    NAMES.rawSubscriptionRole,
    NAMES.deliveryStatusRole,
  ].map((name) => `arn:aws:iam::ACCOUNT:role/${name}`),
  alarms: arn("cloudwatch", `alarm:${NAMES.alarmPrefix}-*`),
  /** The resource that CloudWatch requires to describe any alarm. */
  allAlarms: arn("cloudwatch", "alarm:*"),
  dashboard: `arn:aws:cloudwatch::ACCOUNT:dashboard/${NAMES.dashboard}`,
  key: arn("kms", "key/KEY_ID"),
  keyAlias: arn("kms", NAMES.key),
} as const;

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:REGION:ACCOUNT:${resource}`;
}

function logGroupOf(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}
