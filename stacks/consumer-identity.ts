import { type ConsumerNames, eventProcessorNames, subscriberNames } from "@event-pipeline/event-model/resource-names";
import { type ConsumerAddresses, eventProcessorAddresses, subscriberAddresses } from "./addresses";

/** Names and Terraform addresses of one queue with its consumer. */
export interface ConsumerIdentity extends ConsumerNames {
  readonly id: string;
  readonly addresses: ConsumerAddresses;
}

/** The consumer of the guide. */
export function eventProcessorIdentity(name: string, prefix: string): ConsumerIdentity {
  return { id: "events", ...eventProcessorNames(name), addresses: eventProcessorAddresses(prefix) };
}

/** A further consumer, named by its id. */
export function subscriberIdentity(name: string, prefix: string, id: string): ConsumerIdentity {
  return { id, ...subscriberNames(name, id), addresses: subscriberAddresses(prefix, id) };
}
