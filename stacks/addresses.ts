/**
 * Terraform's names of what a pipeline has once; blocks of different types may share one. People's state files hold
 * them, so none may ever change.
 *
 * @param prefix - Empty for the guide's own.
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

/** Of the policy that lets a role use keys. */
export function keyPolicyAddress(roleAddress: string): string {
  return `${roleAddress}_key`;
}

/** Of the data source that says whose account it is. */
export function accountAddress(prefix: string): string {
  return `${prefix}current`;
}

/** @param alarm - Ends the alarm's own name. */
export function alarmAddress(prefix: string, alarm: string): string {
  return prefix + alarm.replaceAll("-", "_");
}

/** Of one queue and what consumes it. */
export interface ConsumerAddresses {
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly queuePolicy: string;
  readonly subscription: string;
  readonly function: string;
}

/** Of the consumer that stores events, as the guide has them. */
export function eventProcessorAddresses(prefix: string): ConsumerAddresses {
  return {
    ...subscriberAddresses(prefix, "events"),
    queuePolicy: `${prefix}allow_sns`,
    subscription: `${prefix}sqs`,
    function: `${prefix}event_processor`,
  };
}

/** Of a further consumer, named by its id. */
export function subscriberAddresses(prefix: string, id: string): ConsumerAddresses {
  const address = prefix + id;
  return {
    queue: address,
    deadLetterQueue: `${address}_dlq`,
    queuePolicy: address,
    subscription: address,
    function: `${address}_processor`,
  };
}

/** Ids of subscribers that would lead to an address which the pipeline has already. */
export function takenIds(): string[] {
  const taken = new Set([...Object.values(pipelineAddresses("")), ...Object.values(eventProcessorAddresses(""))]);
  const candidates = [...taken].map((address) => address.replace(/_(?:dlq|processor)$/, ""));
  return [...new Set(candidates)].filter((id) => !id.includes("_")).sort();
}

/** A prefix of the addresses of a construct with this id. */
export function addressPrefixOf(id: string): string {
  return `${id.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")}_`;
}
