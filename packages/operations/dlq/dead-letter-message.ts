import type { Message } from "@aws-sdk/client-sqs";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { DEAD_LETTER_ATTRIBUTES } from "@event-pipeline/event-model/refusal";
import { identityOf } from "../expected-item";

/** A message of a dead-letter queue, and what can be told of it. */
export interface Letter {
  readonly message: Message;
  readonly sqsMessageId: string;
  /** Why the handler refused it; undefined for one that SQS moved here after its receives. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** Id that the message had in the queue where the handler refused it. */
  readonly originalMessageId: string | undefined;
  /** Of SNS, where the body is an envelope. */
  readonly snsMessageId: string | undefined;
  /** The event's type; undefined where it cannot be told. */
  readonly type: string | undefined;
  /** The event's own id; undefined where it has none, or it cannot be told. */
  readonly eventId: string | undefined;
  /** When it was sent to this queue, or, for one that SQS moved here, to the one before. */
  readonly sentAt: Date;
  /** Receives so far, this one among them. */
  readonly receives: number;
}

/** Stands in `--code` and in groups for letters without a code. */
export const NO_CODE = "none";

export function letterOf(message: Message): Letter {
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const envelope = envelopeOf(message.Body ?? "");
  const { type, eventId } = envelope ? identityOf(envelope) : {};
  return {
    message,
    sqsMessageId: String(message.MessageId),
    code: attribute(DEAD_LETTER_ATTRIBUTES.code),
    reason: attribute(DEAD_LETTER_ATTRIBUTES.reason),
    originalMessageId: attribute(DEAD_LETTER_ATTRIBUTES.sqsMessageId),
    snsMessageId: envelope?.messageId ?? attribute(DEAD_LETTER_ATTRIBUTES.snsMessageId),
    type,
    eventId,
    sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)),
    receives: Number(message.Attributes?.ApproximateReceiveCount ?? 0),
  };
}

export function envelopeOf(body: string): Envelope | undefined {
  try {
    return parseEnvelope(body);
  } catch {
    return undefined; // That it is none is why it may be here.
  }
}

/** Which letters are meant; all of what is given has to be so. */
export interface LetterFilter {
  /** The refusal's code, or `none`. */
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  /** Of the event, of SNS or of SQS. */
  readonly id?: string | undefined;
  /** Of SQS; any of them. */
  readonly sqsMessageIds?: ReadonlySet<string> | undefined;
  /** Sent to the queue at or after it. */
  readonly since?: Date | undefined;
}

export function isMeant({ code, type, id, sqsMessageIds, since }: LetterFilter, letter: Letter): boolean {
  return (
    (code === undefined || (letter.code ?? NO_CODE) === code) &&
    (type === undefined || letter.type === type) &&
    (id === undefined || idsOf(letter).includes(id)) &&
    (sqsMessageIds === undefined || sqsMessageIds.has(letter.sqsMessageId)) &&
    (since === undefined || letter.sentAt >= since)
  );
}

function idsOf({ sqsMessageId, originalMessageId, snsMessageId, eventId }: Letter): (string | undefined)[] {
  return [eventId, snsMessageId, sqsMessageId, originalMessageId];
}
