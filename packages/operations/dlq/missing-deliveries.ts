import type { Envelope } from "@event-pipeline/event-model/envelope";
import { openArchive } from "../archive/archived-objects";
import { archivedRecords } from "../archive/archived-records";
import { expectedItem } from "../expected-item";
import type { Pipeline } from "../pipeline";
import { type Subscription, type SubscriptionFilter, subscriptionFilter } from "../subscriptions";
import { EventsTable, keyText } from "../table/events-table";

const HOUR_MS = 3_600_000;

/**
 * Finds which of the pipeline's own subscriptions have not delivered an event:
 * that of the queue when the table has no item for it, and that of the archive
 * when no object contains it.
 */
export class MissingDeliveries {
  private readonly table: EventsTable;
  private filter: Promise<SubscriptionFilter | undefined> | undefined;
  /** The archive's MessageIds of the last hour asked for; undelivered events are usually close together. */
  private archived: { readonly hour: number; readonly ids: Promise<ReadonlySet<string>> } | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly subscriptions: readonly Subscription[],
  ) {
    this.table = EventsTable.of(pipeline);
  }

  /** @param body - The envelope's text. */
  async of(envelope: Envelope, body: string): Promise<Subscription[]> {
    const [queue, stream] = await Promise.all([this.missingQueue(envelope, body), this.missingStream(envelope)]);
    return [queue, stream].flatMap((subscription) => subscription ?? []);
  }

  private async missingQueue(envelope: Envelope, body: string): Promise<Subscription | undefined> {
    const { queueName } = this.pipeline.processor;
    const queue = this.subscriptions.find(
      ({ protocol, endpoint }) => protocol === "sqs" && endpoint.endsWith(`:${queueName}`),
    );
    if (!queue) return undefined;
    this.filter ??= subscriptionFilter(this.pipeline, queue.arn);
    const filter = await this.filter;
    if (filter && !filter(body)) return undefined;
    // An event that the handler refuses has no item, so it cannot be told whether it was delivered before.
    const { item } = expectedItem(envelope, 0);
    return item && (await this.table.get([item])).has(keyText(item)) ? undefined : queue;
  }

  private async missingStream({ messageId, timestamp }: Envelope): Promise<Subscription | undefined> {
    const stream = this.subscriptions.find(({ protocol }) => protocol === "firehose");
    if (!stream) return undefined;
    const hour = Math.floor(timestamp.getTime() / HOUR_MS);
    if (this.archived?.hour !== hour) this.archived = { hour, ids: this.archivedIn(hour) };
    return (await this.archived.ids).has(messageId) ? undefined : stream;
  }

  private async archivedIn(hour: number): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    const span = { since: new Date(hour * HOUR_MS), until: new Date((hour + 1) * HOUR_MS) };
    // If an unreadable record is this event, it is archived twice, which is better than never.
    const archive = await openArchive(this.pipeline);
    for await (const { envelope } of archivedRecords({ archive, span, onUnreadable: () => undefined })) {
      ids.add(envelope.messageId);
    }
    return ids;
  }
}
