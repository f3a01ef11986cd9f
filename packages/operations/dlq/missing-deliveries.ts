import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import { readArchive } from "../archive/read-from";
import { expectedOf } from "../expected-item";
import type { Pipeline } from "../pipeline";
import { type Filter, filterOf } from "../subscription-filter";
import type { Subscription } from "../subscriptions";
import { keyText, StoredItems } from "../table/stored-items";

const HOUR_MS = 3_600_000;

/**
 * Which of the pipeline's own subscriptions lack an event: that of the queue
 * where the table has no item of it, that of the archive where no object has it.
 */
export class Lacking {
  private readonly items: StoredItems;
  private filter: Promise<Filter | undefined> | undefined;
  /** MessageIds of the hour that was asked for last: undelivered events come in bunches. */
  private archived: { readonly hour: number; readonly ids: Promise<ReadonlySet<string>> } | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly subscriptions: readonly Subscription[],
  ) {
    this.items = new StoredItems(pipeline.client(DynamoDBClient), pipeline.names.table, []);
  }

  async of(envelope: Envelope, body: string): Promise<Subscription[]> {
    const [queue, stream] = await Promise.all([this.queueLacking(envelope, body), this.archiveLacking(envelope)]);
    return [queue, stream].flatMap((subscription) => subscription ?? []);
  }

  private async queueLacking(envelope: Envelope, body: string): Promise<Subscription | undefined> {
    const { queueName } = this.pipeline.processor;
    const queue = this.subscriptions.find(
      ({ protocol, endpoint }) => protocol === "sqs" && endpoint.endsWith(`:${queueName}`),
    );
    if (!queue) return undefined;
    this.filter ??= filterOf(this.pipeline.client(SNSClient), queue.arn);
    const filter = await this.filter;
    if (filter && !filter(body)) return undefined;
    const { item } = expectedOf(envelope, 0);
    // What the handler refuses is no item: whether it was refused before cannot be told.
    return item && (await this.items.get([item])).has(keyText(item)) ? undefined : queue;
  }

  private async archiveLacking({ messageId, timestamp }: Envelope): Promise<Subscription | undefined> {
    const stream = this.subscriptions.find(({ protocol }) => protocol === "firehose");
    if (!stream) return undefined;
    const hour = Math.floor(timestamp.getTime() / HOUR_MS);
    if (this.archived?.hour !== hour) this.archived = { hour, ids: this.archivedIn(hour) };
    return (await this.archived.ids).has(messageId) ? undefined : stream;
  }

  private async archivedIn(hour: number): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    const span = { since: new Date(hour * HOUR_MS), until: new Date((hour + 1) * HOUR_MS) };
    // What cannot be read may be this event: then it is archived twice, which folds, rather than never.
    for await (const { envelope } of readArchive(this.pipeline, { span, onUnreadable: () => undefined })) {
      ids.add(envelope.messageId);
    }
    return ids;
  }
}
