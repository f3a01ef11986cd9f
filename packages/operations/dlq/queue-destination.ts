import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type MessageAttributeValue, SQSClient } from "@aws-sdk/client-sqs";
import { DEAD_LETTER_ATTRIBUTES } from "@event-pipeline/event-model/refusal";
import { escapeRefused } from "@event-pipeline/event-model/sqs-text";
import { expectedKeyOf } from "../expected-item";
import type { Pipeline } from "../pipeline";
import { type Outgoing, QueueSender } from "../sqs/queue-sender";
import { OverwriteGuard, TWO_TEXTS } from "../table/overwrite-guard";
import { envelopeOf, type Letter } from "./dead-letter-message";

/** What became of letters on their way back. */
export interface Delivered {
  /** Those that have been taken, with the id that SQS gave each; none where it was no queue that took it. */
  readonly idByTaken: ReadonlyMap<Letter, string | undefined>;
  /** Why the others have not. */
  readonly errorByLetter: ReadonlyMap<Letter, Error>;
}

/** Takes letters back to where they came from. */
export interface Destination {
  deliver(letters: readonly Letter[]): Promise<Delivered>;
}

/** The queue that a dead-letter queue belongs to. */
export class QueueDestination implements Destination {
  private constructor(
    private readonly sender: QueueSender,
    private readonly twoTexts: OverwriteGuard | undefined,
  ) {}

  /** @param twoTexts - Of the table that the queue's consumer writes to; undefined for a consumer that does something else. */
  static async to(sqs: SQSClient, queueUrl: string, twoTexts?: OverwriteGuard): Promise<QueueDestination> {
    return new QueueDestination(await QueueSender.to(sqs, queueUrl), twoTexts);
  }

  async deliver(letters: readonly Letter[]): Promise<Delivered> {
    const whole = letters.filter(isWhole);
    const replacing = await this.replacing(whole);
    const letterByMessage = new Map(
      whole.filter((letter) => !replacing.has(letter)).map((letter) => [asItCame(letter), letter]),
    );
    const { idByTaken, errorByRefused, errorByUnsent } = await this.sender.send([...letterByMessage.keys()]);
    const byLetter = <V>(...maps: ReadonlyMap<Outgoing, V>[]) =>
      new Map(
        maps.flatMap((map) => [...map].map(([message, value]) => [letterByMessage.get(message) as Letter, value])),
      );
    return {
      idByTaken: byLetter(idByTaken),
      errorByLetter: new Map([
        ...letters.filter((letter) => !isWhole(letter)).map((letter) => [letter, new Error(NOT_WHOLE)] as const),
        ...replacing,
        ...byLetter(errorByRefused, errorByUnsent),
      ]),
    };
  }

  /** Letters that would replace an item by one with other data. */
  private async replacing(letters: readonly Letter[]): Promise<Map<Letter, Error>> {
    const errors = new Map<Letter, Error>();
    const { twoTexts } = this;
    if (!twoTexts) return errors;
    const events = letters.flatMap((letter) => {
      const envelope = envelopeOf(letter.message.Body ?? "");
      return envelope ? { letter, expected: expectedKeyOf(envelope, 0) } : [];
    });
    const stored = await twoTexts.stored(events.map(({ expected }) => expected));
    for (const { letter, expected } of events) {
      const { envelope } = expected;
      if (stored.has(envelope) || twoTexts.wasSent(expected)) {
        errors.set(letter, new Error(`${envelope.messageId}: ${TWO_TEXTS}`));
      }
    }
    return errors;
  }
}

/** A queue of the pipeline by its name. Where that is the event processor's, its table is looked into. */
export async function queueDestination(pipeline: Pipeline, queueName: string): Promise<QueueDestination> {
  const twoTexts =
    queueName === pipeline.processor.queueName
      ? new OverwriteGuard(pipeline.client(DynamoDBClient), pipeline.names.table)
      : undefined;
  return QueueDestination.to(pipeline.client(SQSClient), await pipeline.queueUrl(queueName), twoTexts);
}

const REASONS: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER_ATTRIBUTES));

/**
 * The message as its queue had it: without the reason that the handler wrote,
 * which would be taken for another's, and with all that its sender set.
 */
export function asItCame({ message, code, snsMessageId }: Letter): Outgoing {
  const { Body: body = "", MessageAttributes = {}, Attributes } = message;
  const own = Object.entries(MessageAttributes).filter(([name]) => code === undefined || !REASONS.has(name));
  return {
    // SNS delivers characters that SendMessage refuses; in an envelope, which is JSON, their escape means the same.
    body: snsMessageId === undefined ? body : escapeRefused(body),
    attributes: Object.fromEntries(own.map(([name, value]) => [name, sendable(value)])),
    groupId: Attributes?.MessageGroupId,
    traceHeader: Attributes?.AWSTraceHeader,
  };
}

const NOT_WHOLE =
  "The AWS SDK drops the value of the message attribute __proto__. Take the message back with another client, such as the AWS CLI.";

/** Whether a copy can have all that the message has: of an attribute called `__proto__` the SDK gives the name alone. */
function isWhole({ message }: Letter): boolean {
  return Object.values(message.MessageAttributes ?? {}).every((attribute) => attribute !== undefined);
}

/** What SendMessage takes of what ReceiveMessage gave. */
function sendable({ DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttributeValue {
  return { DataType, ...(BinaryValue === undefined ? { StringValue } : { BinaryValue }) };
}
