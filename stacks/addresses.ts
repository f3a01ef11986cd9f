import { type ConsumerNames, eventProcessorNames, subscriberNames } from "@event-pipeline/event-model/resource-names";

/**
 * Returns the Terraform names of the resources that a pipeline has once. Resources of different types may share a name.
 * State files contain these names, so they must never change.
 *
 * @param prefix - Empty for the addresses of the guide.
 */
export function pipelineAddresses(prefix: string) {
  const events = `${prefix}events`;
  return {
    key: events,
    topic: events,
    table: events,
    dashboard: events,
    deployment: `${events}_deployment`,
    undelivered: `${events}_undelivered`,
    archive: `${events}_raw`,
    archiveRole: `${prefix}firehose_s3`,
    archiveSubscription: `${prefix}firehose`,
    archiveSubscriptionRole: `${prefix}sns_firehose`,
    deliveryLogs: `${prefix}sns_deliveries`,
    failedDeliveryLogs: `${prefix}sns_failed_deliveries`,
    deliveryLogsRole: `${prefix}sns_logs`,
    alarmTopic: `${prefix}alarms`,
  } as const;
}

export type PipelineAddresses = ReturnType<typeof pipelineAddresses>;

/** The Terraform names of one queue and its consumer. */
export interface ConsumerAddresses {
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly queuePolicy: string;
  readonly subscription: string;
  readonly function: string;
}

/** The AWS names and Terraform names of one queue and its consumer. */
export interface ConsumerIdentity extends ConsumerNames {
  readonly id: string;
  readonly addresses: ConsumerAddresses;
}

/** Returns the identity of the consumer that stores events. */
export function eventProcessorIdentity(name: string, prefix: string): ConsumerIdentity {
  return { id: "events", ...eventProcessorNames(name), addresses: eventProcessorAddresses(prefix) };
}

/** Returns the identity of another consumer. */
export function subscriberIdentity(name: string, prefix: string, id: string): ConsumerIdentity {
  return { id, ...subscriberNames(name, id), addresses: subscriberAddresses(prefix, id) };
}

/** Returns the guide's names, of which three differ from a subscriber's. */
function eventProcessorAddresses(prefix: string): ConsumerAddresses {
  return {
    ...subscriberAddresses(prefix, "events"),
    queuePolicy: `${prefix}allow_sns`,
    subscription: `${prefix}sqs`,
    function: `${prefix}event_processor`,
  };
}

function subscriberAddresses(prefix: string, id: string): ConsumerAddresses {
  const address = prefix + id;
  return {
    queue: address,
    deadLetterQueue: `${address}_dlq`,
    queuePolicy: address,
    subscription: address,
    function: `${address}_processor`,
  };
}

/** Returns the subscriber IDs whose addresses the pipeline itself uses. */
export function reservedSubscriberIds(): string[] {
  const taken = new Set([...Object.values(pipelineAddresses("")), ...Object.values(eventProcessorAddresses(""))]);
  const candidates = [...taken].map((address) => address.replace(/_(?:dlq|processor)$/, ""));
  return [...new Set(candidates)].filter((id) => !id.includes("_")).sort();
}

/** Returns the default prefix of the addresses of a construct with this ID. */
export function addressPrefixOf(id: string): string {
  return `${id.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")}_`;
}
