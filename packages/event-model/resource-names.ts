/** Rules for the pipeline's name. Terraform checks them before it plans. */
export const NAME_RULES = {
  pattern: "^[a-z](-?[a-z0-9])*$",
  lengthPattern: "^.{2,40}$",
  message:
    "The name must be 2 to 40 characters long: lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, for example alice or team-7.",
} as const;

/** Names for which the bucket name `{name}-events-raw` would start with a prefix that S3 reserves. */
export const RESERVED_NAMES = {
  pattern: "^(sthree|amzn-s3-demo)(-|$)",
  message:
    "S3 reserves bucket names that begin with sthree- or amzn-s3-demo-, and the archive's bucket would get one. Choose another name, or set the option rawBucketName.",
} as const;

/**
 * Returns the names of a pipeline's resources, except those of its consumers.
 *
 * @param name - The pipeline's name, or the Terraform variable's token. A name of 40 characters keeps every result within
 * IAM's 64 characters for a role and S3's 63 for a bucket.
 * @example
 * pipelineNames("alice").topic; // "alice-events"
 */
export function pipelineNames(name: string) {
  return {
    /** The value of the CLI's option `--name`. */
    pipeline: name,
    topic: `${name}-events`,
    undeliveredQueue: `${name}-events-undelivered`,
    table: `${name}-events`,
    rawBucket: `${name}-events-raw`,
    rawStream: `${name}-events-raw`,
    rawStreamRole: `${name}-events-raw-stream`,
    rawSubscriptionRole: `${name}-events-raw-subscription`,
    deliveryStatusRole: `${name}-events-delivery-status`,
    alarmTopic: `${name}-events-alarms`,
    /** The prefix of every alarm's name: `<prefix>-<problem>`. */
    alarmPrefix: `${name}-events`,
    dashboard: `${name}-events`,
    key: `alias/${name}-events`,
  } as const;
}

/** The names of a consumer's queue, dead-letter queue and function. */
export interface ConsumerNames {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly functionName: string;
}

/** Returns the names of the event processor's queues and function. */
export function eventProcessorNames(name: string): ConsumerNames {
  return { ...subscriberNames(name, "events"), functionName: `${name}-event-processor` };
}

/** Returns the names of a subscriber other than the event processor. */
export function subscriberNames(name: string, id: string): ConsumerNames {
  return {
    queueName: `${name}-${id}-queue`,
    deadLetterQueueName: `${name}-${id}-dlq`,
    functionName: `${name}-${id}-processor`,
  };
}
