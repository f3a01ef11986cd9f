/** Rules for `{name}`. Terraform checks them before it plans anything. */
export const NAME_RULES = {
  pattern: "^[a-z](-?[a-z0-9])*$",
  lengthPattern: "^.{2,40}$",
  message:
    "The name must be 2 to 40 characters long: lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, for example alice or team-7.",
} as const;

/** Names with which the bucket `{name}-events-raw` would begin with a prefix that S3 reserves. */
export const RESERVED_NAMES = {
  pattern: "^(sthree|amzn-s3-demo)(-|$)",
  message:
    "S3 reserves bucket names that begin with sthree- or amzn-s3-demo-, and the archive's bucket would get one. Choose another name, or set the option rawBucketName.",
} as const;

/**
 * Returns the names of the resources that a pipeline has once.
 *
 * @param name - The `{name}` of the diagram: a literal, or the token of the Terraform variable. With 40 characters every
 * name stays within the 64 that IAM allows for a role and the 63 that S3 allows for a bucket.
 * @example
 * pipelineNames("alice").topic; // "alice-events"
 */
export function pipelineNames(name: string) {
  return {
    /** The value of the option `--name` of the CLI. */
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
    /** The beginning of the names of all alarms: `<prefix>-<problem>`. */
    alarmPrefix: `${name}-events`,
    dashboard: `${name}-events`,
    key: `alias/${name}-events`,
  } as const;
}

/** The names of a queue, its dead-letter queue and its function. */
export interface ConsumerNames {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly functionName: string;
}

/** Returns the names of the consumer that stores events. */
export function eventProcessorNames(name: string): ConsumerNames {
  return { ...subscriberNames(name, "events"), functionName: `${name}-event-processor` };
}

/** Returns the names of another subscriber. */
export function subscriberNames(name: string, id: string): ConsumerNames {
  return {
    queueName: `${name}-${id}-queue`,
    deadLetterQueueName: `${name}-${id}-dlq`,
    functionName: `${name}-${id}-processor`,
  };
}
