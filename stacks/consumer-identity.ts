import { type ConsumerNames, eventProcessorNames, subscriberNames } from "../contract/resource-names";

/** Names and Terraform addresses of one queue with its consumer. */
export interface ConsumerIdentity extends ConsumerNames {
  readonly id: string;
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
    ...eventProcessorNames(name),
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
    ...subscriberNames(name, id),
    addresses: {
      queue: id,
      deadLetterQueue: `${id}_dlq`,
      queuePolicy: id,
      subscription: id,
      function: `${id}_processor`,
    },
  };
}
