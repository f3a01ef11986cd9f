import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import { keyText } from "@event-pipeline/event-model/item/attributes";
import pMap from "p-map";
import { openArchive } from "../archive/archived-objects";
import { archivedRecords } from "../archive/archived-records";
import { expectedOutcome } from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { listSubscriptions, queueFilter, queueSubscription, type Subscription } from "../subscriptions";
import { EventsTable } from "../table/events-table";
import { type DeadLetterMessage, envelopeOf } from "./dead-letter-message";
import { type DeliveryResult, openConsumerQueue, type RedriveDestination } from "./queue-destination";

const CONCURRENT_RECORDS = 8;
const HOUR_MS = 3_600_000;

/**
 * Redrives undelivered events to the subscription of each. SNS
 * writes the subscription's ARN into the `UnsubscribeURL` of the envelope. If
 * that subscription no longer exists, the event goes to every subscription
 * whose target does not have it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export class SubscriptionDestination implements RedriveDestination {
  private readonly queueByArn = new Map<string, Promise<RedriveDestination>>();
  private filter: ReturnType<typeof queueFilter> | undefined;
  /** The archive's MessageIds of the last hour asked for; undelivered events are usually close together. */
  private archived: { readonly hour: number; readonly ids: Promise<ReadonlySet<string>> } | undefined;

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly subscriptions: readonly Subscription[],
  ) {}

  static async open(pipeline: Pipeline): Promise<SubscriptionDestination> {
    return new SubscriptionDestination(pipeline, await listSubscriptions(pipeline));
  }

  /** Counts a message for two subscriptions as sent when both have accepted it. */
  async deliver(messages: readonly DeadLetterMessage[]): Promise<DeliveryResult> {
    const idBySent = new Map<DeadLetterMessage, string | undefined>();
    const errorByFailed = new Map<DeadLetterMessage, Error>();
    const messagesBySubscription = new Map<Subscription, DeadLetterMessage[]>();
    for (const message of messages) {
      const subscriptions = await this.subscriptionsFor(message);
      if (subscriptions instanceof Error) errorByFailed.set(message, subscriptions);
      else {
        for (const subscription of subscriptions) {
          messagesBySubscription.set(subscription, [...(messagesBySubscription.get(subscription) ?? []), message]);
        }
      }
    }
    for (const [subscription, some] of messagesBySubscription) {
      const delivered = await this.deliverTo(subscription, some);
      for (const [message, id] of delivered.idBySent) idBySent.set(message, id);
      for (const [message, error] of delivered.errorByFailed) errorByFailed.set(message, error);
    }
    for (const message of errorByFailed.keys()) idBySent.delete(message);
    return { idBySent, errorByFailed };
  }

  private async subscriptionsFor({ message }: DeadLetterMessage): Promise<Subscription[] | Error> {
    const { Body: body = "" } = message;
    const subscriptionArn = subscriptionArnOf(body);
    const found = this.subscriptions.find(({ arn }) => arn === subscriptionArn);
    if (found) {
      if (found.protocol === "sqs" || found.protocol === "firehose") return [found];
      return new Error(
        `Its subscription delivers to ${found.protocol} ${found.endpoint}. A redrive can send to SQS queues and Firehose only.`,
      );
    }
    const envelope = envelopeOf(message);
    if (!envelope) {
      return new Error("Its body is not an SNS envelope, so it names no subscription. Send it to its queue yourself.");
    }
    const missing = await Promise.all([this.missingQueue(envelope, body), this.missingStream(envelope)]);
    if (missing.some(Boolean)) return missing.flatMap((subscription) => subscription ?? []);
    return new Error(
      `Its subscription ${subscriptionArn ?? "is not named and"} no longer exists, and the table and the archive already have the event. You can purge it.`,
    );
  }

  /** Returns the queue's subscription if the table has no item for the event. */
  private async missingQueue(envelope: Envelope, body: string): Promise<Subscription | undefined> {
    const queue = queueSubscription(this.pipeline, this.subscriptions);
    if (!queue) return undefined;
    this.filter ??= queueFilter(this.pipeline, this.subscriptions);
    const filter = await this.filter;
    if (filter && !filter(body)) return undefined;
    // An event that the handler refuses has no item, so it cannot be told whether it was delivered before.
    const { item } = expectedOutcome(envelope, 0);
    const isStored = item && (await EventsTable.of(this.pipeline).get([item])).has(keyText(item));
    return isStored ? undefined : queue;
  }

  /** Returns the archive's subscription if no object contains the event. */
  private async missingStream({ messageId, timestamp }: Envelope): Promise<Subscription | undefined> {
    const stream = this.subscriptions.find(({ protocol }) => protocol === "firehose");
    if (!stream) return undefined;
    const hour = Math.floor(timestamp.getTime() / HOUR_MS);
    if (this.archived?.hour !== hour) this.archived = { hour, ids: this.archivedIn(hour) };
    return (await this.archived.ids).has(messageId) ? undefined : stream;
  }

  private async archivedIn(hour: number): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    const timeRange = { since: new Date(hour * HOUR_MS), until: new Date((hour + 1) * HOUR_MS) };
    // If an unreadable record is this event, it is archived twice, which is better than never.
    const archive = await openArchive(this.pipeline);
    for await (const { envelope } of archivedRecords({ archive, timeRange, onUnreadable: () => undefined })) {
      ids.add(envelope.messageId);
    }
    return ids;
  }

  private async deliverTo(
    { protocol, endpoint }: Subscription,
    messages: readonly DeadLetterMessage[],
  ): Promise<DeliveryResult> {
    if (protocol === "firehose") return this.deliverToStream(endpoint, messages);
    const opening = this.queueByArn.get(endpoint) ?? openConsumerQueue(this.pipeline, nameInArn(endpoint));
    this.queueByArn.set(endpoint, opening);
    return (await opening).deliver(messages);
  }

  private async deliverToStream(arn: string, messages: readonly DeadLetterMessage[]): Promise<DeliveryResult> {
    const firehose = this.pipeline.client(FirehoseClient);
    const idBySent = new Map<DeadLetterMessage, undefined>();
    const errorByFailed = new Map<DeadLetterMessage, Error>();
    const put = async (deadLetter: DeadLetterMessage) => {
      // SNS also ends each record with a line break.
      const Data = Buffer.from(`${deadLetter.message.Body}\n`);
      try {
        await firehose.send(new PutRecordCommand({ DeliveryStreamName: nameInArn(arn), Record: { Data } }));
        idBySent.set(deadLetter, undefined);
      } catch (error) {
        if ((error as Error).name !== "InvalidArgumentException") throw error;
        errorByFailed.set(deadLetter, error as Error);
      }
    };
    await pMap(messages, put, { concurrency: CONCURRENT_RECORDS });
    return { idBySent, errorByFailed };
  }
}

/** Returns the subscription that SNS made an envelope for; undefined when the body names none. */
function subscriptionArnOf(body: string): string | undefined {
  try {
    const { UnsubscribeURL } = Object(JSON.parse(body)) as { readonly UnsubscribeURL?: unknown };
    return new URL(String(UnsubscribeURL)).searchParams.get("SubscriptionArn") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Returns the name in arn:aws:sqs:REGION:ACCOUNT:NAME or arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME. */
function nameInArn(arn: string): string {
  return String(arn.split(/[:/]/).at(-1));
}
