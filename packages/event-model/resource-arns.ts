import { ARCHIVE_PREFIX } from "./archive-layout";
import { eventProcessorNames, pipelineNames, subscriberNames } from "./resource-names";

/** An Allow statement of an IAM policy, without a principal. */
export interface Permission {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Permission["Condition"],
): Permission {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** Condition that lets only AWS services use a key, on behalf of their caller. */
export function via(...services: readonly string[]): NonNullable<Permission["Condition"]> {
  return { StringEquals: { "kms:ViaService": services.map((service) => `${service}.REGION.amazonaws.com`) } };
}

const NAMES = pipelineNames("{name}");
const PROCESSOR = eventProcessorNames("{name}");
const CONSUMERS = [PROCESSOR, subscriberNames("{name}", "{subscriber}")];

/**
 * ARNs of a pipeline's resources in policies that people fill in: `{name}`, `{subscriber}`, `REGION`, `ACCOUNT` and
 * `KEY_ID` are placeholders for the pipeline's name, a subscriber's id, the region, and the ids of the account and the key.
 */
export const ARNS = {
  topic: arn("sns", NAMES.topic),
  alarmTopic: arn("sns", NAMES.alarmTopic),
  /**
   * Resource for actions on one subscription. AWS's reference names the topic, earlier editions name nothing, and a
   * subscription has its own ARN. This pattern matches all of them.
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
  /** CloudWatch requires this resource for reading any alarm. */
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
