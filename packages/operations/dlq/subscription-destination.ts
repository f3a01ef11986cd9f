import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import type { Envelope } from "@event-pipeline/event-model/envelope";
import pMap from "p-map";
import { openArchive } from "../archive/archived-objects";
import { archivedRecords } from "../archive/archived-records";
import { toOperationError } from "../aws-errors";
import type { DeployedContracts } from "../deployed-contracts";
import type { OperationError } from "../errors";
import { expectedOutcomeKeyOnly, isStoredIn, possibleKeysOf } from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import { isRejection } from "../sqs/queue-sender";
import { listSubscriptions, queueFilter, queueSubscription, type Subscription } from "../subscriptions";
import { EventTableReader } from "../table/events-table";
import { type DeadLetterMessage, envelopeOf } from "./dead-letter-message";
import { type DeliveryResult, openConsumerQueue, type RedriveDestination } from "./queue-destination";

const CONCURRENT_RECORDS = 8;
const HOUR_MS = 3_600_000;

/**
 * Redrives each undelivered event to the target of its subscription. The
 * envelope's `UnsubscribeURL` contains the subscription's ARN. If the subscription
 * no longer exists, the event goes to the event processor's queue if the table
 * does not have it, and to Firehose if the archive does not have it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export class SubscriptionDestination implements RedriveDestination {
  private readonly queueByArn = new Map<string, Promise<RedriveDestination>>();
  /** The errors of destinations that get no more messages, by ARN. */
  private readonly errorByFailedDestination = new Map<string, OperationError>();
  /** The error of the first lookup that failed in the table or the archive. */
  private lookupError: OperationError | undefined;
  private filter: ReturnType<typeof queueFilter> | undefined;
  /** The archived MessageIds of one hour. Consecutive undelivered events are usually from the same hour. */
  private archived: { readonly hour: number; readonly ids: Promise<ReadonlySet<string>> } | undefined;

  private constructor(
    private readonly pipeline: Pipeline,
    private readonly subscriptions: readonly Subscription[],
    private readonly contracts: DeployedContracts,
  ) {}

  static async open(pipeline: Pipeline, contracts: DeployedContracts): Promise<SubscriptionDestination> {
    return new SubscriptionDestination(pipeline, await listSubscriptions(pipeline), contracts);
  }

  /**
   * Sends messages to their subscriptions. A message for two subscriptions counts as sent when both accepted it. After
   * an error that concerns a whole destination, the destination gets no more messages, and the others get theirs.
   */
  async deliver(messages: readonly DeadLetterMessage[]): Promise<DeliveryResult> {
    const errorByFailed = new Map<DeadLetterMessage, Error>();
    const messagesBySubscription = new Map<Subscription, DeadLetterMessage[]>();
    for (const message of messages) {
      const subscriptions = await this.subscriptionsOrError(message);
      if (subscriptions instanceof Error) errorByFailed.set(message, subscriptions);
      else {
        for (const subscription of subscriptions) {
          messagesBySubscription.set(subscription, [...(messagesBySubscription.get(subscription) ?? []), message]);
        }
      }
    }
    const idBySent = new Map<DeadLetterMessage, string | undefined>();
    const acceptedBy = new Map<DeadLetterMessage, string>();
    const deliveries = [...messagesBySubscription].map(async ([subscription, some]) => {
      const { endpoint } = subscription;
      const name = nameInArn(endpoint);
      const delivered = await this.deliverTo(subscription, some);
      for (const [message, id] of delivered.idBySent) {
        idBySent.set(message, id ?? idBySent.get(message));
        acceptedBy.set(message, name);
      }
      const { stoppedBy: cause, unconfirmed = [] } = delivered;
      if (cause) this.errorByFailedDestination.set(endpoint, cause);
      for (const message of some) {
        if (delivered.idBySent.has(message)) continue;
        const not = unconfirmed.includes(message) ? "not confirmed by" : "not sent to";
        const reason = delivered.errorByFailed.get(message)?.message ?? `${not} ${name}`;
        errorByFailed.set(message, new Error(reason, { cause }));
      }
    });
    await Promise.all(deliveries);
    for (const [message, error] of errorByFailed) {
      idBySent.delete(message);
      const sentTo = acceptedBy.get(message);
      if (sentTo !== undefined) {
        const { message: reason, cause } = error;
        errorByFailed.set(message, new Error(`sent to ${sentTo}, but ${reason}`, { cause }));
      }
    }
    return { idBySent, errorByFailed };
  }

  /** Returns an error from AWS instead of throwing it. After it, no other message is looked up. */
  private async subscriptionsOrError(message: DeadLetterMessage): Promise<Subscription[] | Error> {
    try {
      return await this.subscriptionsFor(message);
    } catch (error) {
      this.lookupError ??= toOperationError(error, this.pipeline.description);
      return new Error("its destination is not known", { cause: this.lookupError });
    }
  }

  private async subscriptionsFor({ message }: DeadLetterMessage): Promise<Subscription[] | Error> {
    const { Body: body = "" } = message;
    const subscriptionArn = subscriptionArnOf(body);
    const found = this.subscriptions.find(({ arn }) => arn === subscriptionArn);
    if (found) {
      if (found.protocol === "sqs" || found.protocol === "firehose") return [found];
      return new Error(
        `The message's subscription delivers to ${found.protocol} ${found.endpoint}. A redrive supports only SQS queues and Firehose streams.`,
      );
    }
    const envelope = envelopeOf(message);
    if (!envelope) {
      return new Error(
        "The message's body is not an SNS envelope, so its subscription is unknown. Send the message with another SQS client.",
      );
    }
    if (this.lookupError) throw this.lookupError;
    const missing = await Promise.all([this.missingQueue(envelope, body), this.missingStream(envelope)]);
    if (missing.some(Boolean)) return missing.flatMap((subscription) => subscription ?? []);
    return new Error(
      `The table and the archive already have the event, and its subscription ${subscriptionArn ?? "(unknown)"} no longer exists. You can delete the message.`,
    );
  }

  /** Returns the event processor's subscription if the event belongs in the table and is not there; otherwise undefined. */
  private async missingQueue(envelope: Envelope, body: string): Promise<Subscription | undefined> {
    const queue = queueSubscription(this.pipeline, this.subscriptions);
    if (!queue) return undefined;
    this.filter ??= queueFilter(this.pipeline, this.subscriptions);
    const filter = await this.filter;
    if (filter && !filter(body)) return undefined;
    // An event that the handler refuses has no item. So it is sent, because an earlier delivery cannot be ruled out.
    const expected = expectedOutcomeKeyOnly(envelope, 0, this.contracts);
    const stored = await EventTableReader.of(this.pipeline).get(possibleKeysOf(expected));
    return isStoredIn(stored, expected) ? undefined : queue;
  }

  /** Returns the Firehose subscription if the archive does not have the event yet; otherwise undefined. */
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
    // An unreadable record may be this event. Archiving it twice is better than not archiving it.
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
    const stoppedBy = this.errorByFailedDestination.get(endpoint);
    const none = { idBySent: new Map(), errorByFailed: new Map() };
    if (stoppedBy) return { ...none, stoppedBy };
    if (protocol === "firehose") return this.deliverToStream(endpoint, messages);
    const opening =
      this.queueByArn.get(endpoint) ?? openConsumerQueue(this.pipeline, nameInArn(endpoint), this.contracts);
    this.queueByArn.set(endpoint, opening);
    try {
      return await (await opening).deliver(messages);
    } catch (error) {
      return { ...none, stoppedBy: toOperationError(error, this.pipeline.description) };
    }
  }

  private async deliverToStream(arn: string, messages: readonly DeadLetterMessage[]): Promise<DeliveryResult> {
    const firehose = this.pipeline.client(FirehoseClient);
    const idBySent = new Map<DeadLetterMessage, undefined>();
    const errorByFailed = new Map<DeadLetterMessage, Error>();
    const unconfirmed: DeadLetterMessage[] = [];
    let stoppedBy: OperationError | undefined;
    const put = async (deadLetter: DeadLetterMessage) => {
      if (stoppedBy) return;
      // Adds a line break, as SNS does for each record.
      const Data = Buffer.from(`${deadLetter.message.Body}\n`);
      try {
        await firehose.send(new PutRecordCommand({ DeliveryStreamName: nameInArn(arn), Record: { Data } }));
        idBySent.set(deadLetter, undefined);
      } catch (error) {
        if ((error as Error).name === "InvalidArgumentException") errorByFailed.set(deadLetter, error as Error);
        else {
          const known = toOperationError(error, this.pipeline.description);
          if (!isRejection(known)) unconfirmed.push(deadLetter);
          stoppedBy ??= known;
        }
      }
    };
    await pMap(messages, put, { concurrency: CONCURRENT_RECORDS });
    return { idBySent, errorByFailed, unconfirmed, ...(stoppedBy && { stoppedBy }) };
  }
}

/** Returns the ARN of the subscription that an envelope was sent to; undefined when the body has none. */
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
