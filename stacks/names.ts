/** What `{name}` may be; Terraform checks it before it plans anything. */
export const NAME_RULES = {
  pattern: "^[a-z](-?[a-z0-9])*$",
  lengthPattern: "^.{2,40}$",
  message:
    "The name must be 2 to 40 characters long: lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, for example alice or team-7.",
} as const;

/**
 * The names of what a pipeline has once.
 *
 * @param name - The `{name}` of the diagram: a literal, or the token of the
 * Terraform variable. With 40 characters every name stays within the 64 that IAM
 * allows a role and the 63 that S3 allows a bucket.
 */
export function pipelineNames(name: string) {
  return {
    topic: `${name}-events`,
    undeliveredQueue: `${name}-events-undelivered`,
    table: `${name}-events`,
    rawBucket: `${name}-events-raw`,
    rawStream: `${name}-events-raw`,
    rawStreamRole: `${name}-events-raw-stream`,
    rawSubscriptionRole: `${name}-events-raw-subscription`,
    alarmTopic: `${name}-events-alarms`,
    /** Alarms are `<prefix>-<what is wrong>`. */
    alarmPrefix: `${name}-events`,
    dashboard: `${name}-events`,
    key: `alias/${name}-events`,
  } as const;
}

/** Names and Terraform addresses of one queue with its consumer. */
export interface ConsumerIdentity {
  readonly id: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly functionName: string;
  readonly addresses: {
    readonly queue: string;
    readonly deadLetterQueue: string;
    readonly queuePolicy: string;
    readonly subscription: string;
    readonly function: string;
  };
}

/** The consumer of the guide, with the guide's names and addresses. */
export function eventProcessorIdentity(name: string): ConsumerIdentity {
  const identity = subscriberIdentity(name, "events");
  return {
    ...identity,
    functionName: `${name}-event-processor`,
    addresses: {
      ...identity.addresses,
      queuePolicy: "allow_sns",
      subscription: "sqs",
      function: "event_processor",
    },
  };
}

/** A further consumer, named by its id. */
export function subscriberIdentity(name: string, id: string): ConsumerIdentity {
  return {
    id,
    queueName: `${name}-${id}-queue`,
    deadLetterQueueName: `${name}-${id}-dlq`,
    functionName: `${name}-${id}-processor`,
    addresses: {
      queue: id,
      deadLetterQueue: `${id}_dlq`,
      queuePolicy: id,
      subscription: id,
      function: `${id}_processor`,
    },
  };
}
