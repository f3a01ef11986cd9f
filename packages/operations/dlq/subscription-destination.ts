import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import pMap from "p-map";
import type { Pipeline } from "../pipeline";
import { listSubscriptions, type Subscription } from "../subscriptions";
import { type DeadLetterMessage, envelopeOf } from "./dead-letter-message";
import { MissingDeliveries } from "./missing-deliveries";
import { type DeliveryResult, QueueDestination, type RedriveDestination } from "./queue-destination";

const CONCURRENT_RECORDS = 8;

/**
 * Redrives undelivered events to the subscription of each. SNS
 * writes the subscription's ARN into the `UnsubscribeURL` of the envelope. If
 * that subscription no longer exists, the event goes to every subscription
 * whose target does not have it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export class SubscriptionDestination implements RedriveDestination {
  private readonly queueByArn = new Map<string, Promise<QueueDestination>>();
  private readonly subscriptionByArn: ReadonlyMap<string, Subscription>;
  private readonly missingDeliveries: MissingDeliveries;

  private constructor(
    private readonly pipeline: Pipeline,
    subscriptions: readonly Subscription[],
  ) {
    this.subscriptionByArn = new Map(subscriptions.map((subscription) => [subscription.arn, subscription]));
    this.missingDeliveries = new MissingDeliveries(pipeline, subscriptions);
  }

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
    const arn = subscriptionArnOf(body);
    const found = arn === undefined ? undefined : this.subscriptionByArn.get(arn);
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
    const missing = await this.missingDeliveries.of(envelope, body);
    if (missing.length > 0) return missing;
    return new Error(
      `Its subscription ${arn ?? "is not named and"} no longer exists, and the table and the archive already have the event. You can purge it.`,
    );
  }

  private async deliverTo(
    { protocol, endpoint }: Subscription,
    messages: readonly DeadLetterMessage[],
  ): Promise<DeliveryResult> {
    if (protocol === "firehose") return this.deliverToStream(endpoint, messages);
    const opening = this.queueByArn.get(endpoint) ?? QueueDestination.ofPipeline(this.pipeline, nameIn(endpoint));
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
        await firehose.send(new PutRecordCommand({ DeliveryStreamName: nameIn(arn), Record: { Data } }));
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
function nameIn(arn: string): string {
  return String(arn.split(/[:/]/).at(-1));
}
