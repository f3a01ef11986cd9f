import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { SNSClient } from "@aws-sdk/client-sns";
import pMap from "p-map";
import type { Pipeline } from "../pipeline";
import { type Subscription, subscriptionsOf } from "../subscriptions";
import { envelopeOf, type Letter } from "./dead-letter-message";
import { Lacking } from "./missing-deliveries";
import { type Delivered, type Destination, type QueueDestination, queueDestination } from "./queue-destination";

/** Records that Firehose is sent at once. */
const RECORDS_AT_ONCE = 8;

/**
 * Takes what SNS could not deliver to the subscription that it was meant for.
 * The letter itself says which: SNS writes the subscription's ARN into the
 * `UnsubscribeURL` of the envelope that it makes for it. Where there is no such
 * subscription any more, as when it was made anew, it goes to those that lack it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export class SubscriptionDestination implements Destination {
  private readonly queues = new Map<string, Promise<QueueDestination>>();
  private readonly subscriptionByArn: ReadonlyMap<string, Subscription>;
  private readonly lacking: Lacking;

  private constructor(
    private readonly pipeline: Pipeline,
    subscriptions: readonly Subscription[],
  ) {
    this.subscriptionByArn = new Map(subscriptions.map((each) => [each.arn, each]));
    this.lacking = new Lacking(pipeline, subscriptions);
  }

  static async of(pipeline: Pipeline): Promise<SubscriptionDestination> {
    return new SubscriptionDestination(
      pipeline,
      await subscriptionsOf(pipeline.client(SNSClient), await pipeline.topicArn()),
    );
  }

  /** A letter for two is taken when both have it. */
  async deliver(letters: readonly Letter[]): Promise<Delivered> {
    const idByTaken = new Map<Letter, string | undefined>();
    const errorByLetter = new Map<Letter, Error>();
    const bySubscription = new Map<Subscription, Letter[]>();
    for (const letter of letters) {
      const subscriptions = await this.subscriptionsFor(letter);
      if (subscriptions instanceof Error) errorByLetter.set(letter, subscriptions);
      else for (const each of subscriptions) bySubscription.set(each, [...(bySubscription.get(each) ?? []), letter]);
    }
    for (const [subscription, some] of bySubscription) {
      const delivered = await this.deliverTo(subscription, some);
      for (const [letter, id] of delivered.idByTaken) idByTaken.set(letter, id);
      for (const [letter, error] of delivered.errorByLetter) errorByLetter.set(letter, error);
    }
    for (const letter of errorByLetter.keys()) idByTaken.delete(letter);
    return { idByTaken, errorByLetter };
  }

  private async subscriptionsFor({ message }: Letter): Promise<Subscription[] | Error> {
    const { Body: body = "" } = message;
    const arn = subscriptionArnOf(body);
    const found = arn === undefined ? undefined : this.subscriptionByArn.get(arn);
    if (found) {
      if (found.protocol === "sqs" || found.protocol === "firehose") return [found];
      return new Error(
        `It was meant for ${found.protocol} ${found.endpoint}; only queues and Firehose can be taken to.`,
      );
    }
    const envelope = envelopeOf(body);
    if (!envelope) {
      return new Error("It names no subscription: its body is no envelope of SNS. Take it where it belongs yourself.");
    }
    const lacking = await this.lacking.of(envelope, body);
    if (lacking.length > 0) return lacking;
    return new Error(
      `It was meant for ${arn ?? "no subscription that it names"}, which is not subscribed any more; table and archive have it. Purge it when all are so.`,
    );
  }

  private async deliverTo({ protocol, endpoint }: Subscription, letters: readonly Letter[]): Promise<Delivered> {
    if (protocol === "firehose") return this.deliverToStream(endpoint, letters);
    const known = this.queues.get(endpoint);
    const opening = known ?? queueDestination(this.pipeline, nameIn(endpoint));
    this.queues.set(endpoint, opening);
    return (await opening).deliver(letters);
  }

  private async deliverToStream(arn: string, letters: readonly Letter[]): Promise<Delivered> {
    const firehose = this.pipeline.client(FirehoseClient);
    const idByTaken = new Map<Letter, undefined>();
    const errorByLetter = new Map<Letter, Error>();
    const put = async (letter: Letter) => {
      // As SNS does, with the line break that separates records.
      const Data = Buffer.from(`${letter.message.Body}\n`);
      try {
        await firehose.send(new PutRecordCommand({ DeliveryStreamName: nameIn(arn), Record: { Data } }));
        idByTaken.set(letter, undefined);
      } catch (error) {
        if ((error as Error).name !== "InvalidArgumentException") throw error;
        errorByLetter.set(letter, error as Error);
      }
    };
    await pMap(letters, put, { concurrency: RECORDS_AT_ONCE });
    return { idByTaken, errorByLetter };
  }
}

/** Which subscription SNS made an envelope for; undefined for what is none. */
function subscriptionArnOf(body: string): string | undefined {
  try {
    const { UnsubscribeURL } = Object(JSON.parse(body)) as { readonly UnsubscribeURL?: unknown };
    return new URL(String(UnsubscribeURL)).searchParams.get("SubscriptionArn") ?? undefined;
  } catch {
    return undefined; // No JSON, or no URL.
  }
}

/** arn:aws:sqs:REGION:ACCOUNT:NAME, arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME */
function nameIn(arn: string): string {
  return String(arn.split(/[:/]/).at(-1));
}
