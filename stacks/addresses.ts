import { eventProcessorNames, subscriberNames } from "@event-pipeline/event-model/resource-names";

/**
 * Returns the Terraform names of the pipeline's own resources. Resources of different types may share a name. State
 * files contain these names, so they must never change.
 *
 * @param prefix - Prefix of each name. Empty for the addresses of the guide (docs/guide.md).
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
    contracts: `${prefix}event_contracts`,
    archiveRole: `${prefix}firehose_s3`,
    archiveSubscription: `${prefix}firehose`,
    archiveSubscriptionRole: `${prefix}sns_firehose`,
    deliveryLogs: `${prefix}sns_deliveries`,
    failedDeliveryLogs: `${prefix}sns_failed_deliveries`,
    deliveryLogsRole: `${prefix}sns_logs`,
    alarmTopic: `${prefix}alarms`,
  } as const;
}

/** The AWS names and Terraform names of one queue and its consumer. */
export type ConsumerIdentity = ReturnType<typeof subscriberIdentity>;

/** Returns the names of a consumer that `addQueueSubscriber` adds. */
export function subscriberIdentity(name: string, prefix: string, id: string) {
  const address = prefix + id;
  return {
    id,
    ...subscriberNames(name, id),
    addresses: {
      queue: address,
      deadLetterQueue: `${address}_dlq`,
      queuePolicy: address,
      subscription: address,
      function: `${address}_processor`,
    },
  };
}

/** Returns the names of the event processor and its queues. Three of the Terraform names come from the guide. */
export function eventProcessorIdentity(name: string, prefix: string): ConsumerIdentity {
  const { addresses, ...identity } = subscriberIdentity(name, prefix, "events");
  return {
    ...identity,
    ...eventProcessorNames(name),
    addresses: {
      ...addresses,
      queuePolicy: `${prefix}allow_sns`,
      subscription: `${prefix}sqs`,
      function: `${prefix}event_processor`,
    },
  };
}

/** Returns the IDs that would give a subscriber's resource the same address as one of the pipeline's own. */
export function reservedSubscriberIds(): string[] {
  const { addresses } = eventProcessorIdentity("", "");
  const taken = [...Object.values(pipelineAddresses("")), ...Object.values(addresses)];
  const candidates = taken.map((address) => address.replace(/_(?:dlq|processor)$/, ""));
  return [...new Set(candidates)].filter((id) => !id.includes("_")).sort();
}

/** Returns a construct's default address prefix: its ID as a Terraform name, followed by an underscore. */
export function addressPrefixOf(id: string): string {
  return `${id.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")}_`;
}
