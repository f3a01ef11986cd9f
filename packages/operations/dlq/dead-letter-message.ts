import type { Message } from "@aws-sdk/client-sqs";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import { DEAD_LETTER_ATTRIBUTES } from "@event-pipeline/event-model/refusal";
import { identityOf } from "../expected-outcome";

/** A message of a dead-letter queue, and what its attributes and its body say about it. */
export interface DeadLetterMessage {
  readonly message: Message;
  readonly sqsMessageId: string;
  /** The handler's refusal code; undefined for a message that SQS moved here after its last receive. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** The MessageId that the message had in the queue where the handler refused it. */
  readonly originalMessageId: string | undefined;
  /** The MessageId from SNS; undefined when the body is not an envelope and the handler noted none. */
  readonly snsMessageId: string | undefined;
  /** The event's type; undefined when the body is not a valid event. */
  readonly type: string | undefined;
  /** The event's own id; undefined when it has none, or when the body is not a valid event. */
  readonly eventId: string | undefined;
  /** The time at which it was sent to this queue, or to the source queue if SQS moved it here. */
  readonly sentAt: Date;
  /** The number of receives so far, this one included. */
  readonly receiveCount: number;
}

/** The name that `--code` and the groups of `dlq list` use for messages without a refusal code. */
export const NO_CODE = "none";

/** Reads a received message. */
export function deadLetterMessage(message: Message): DeadLetterMessage {
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const envelope = envelopeOf(message);
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
    receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 0),
  };
}

/** Returns the SNS envelope in a message's body, or undefined when the body is something else. */
export function envelopeOf({ Body = "" }: Pick<Message, "Body">): Envelope | undefined {
  try {
    return parseEnvelope(Body);
  } catch {
    return undefined;
  }
}

/** Selects messages of a dead-letter queue. A message must match every given member. */
export interface DeadLetterFilter {
  /** A refusal code, or `none`. */
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  /** The event's id, the MessageId from SNS, or a MessageId from SQS. */
  readonly id?: string | undefined;
  /** MessageIds from SQS; a message must have one of them. */
  readonly sqsMessageIds?: ReadonlySet<string> | undefined;
  /** Messages sent to the queue at this time or later. */
  readonly since?: Date | undefined;
}

export function matchesFilter(
  deadLetter: DeadLetterMessage,
  { code, type, id, sqsMessageIds, since }: DeadLetterFilter,
): boolean {
  const { sqsMessageId, originalMessageId, snsMessageId, eventId, sentAt } = deadLetter;
  return (
    (code === undefined || (deadLetter.code ?? NO_CODE) === code) &&
    (type === undefined || deadLetter.type === type) &&
    (id === undefined || [eventId, snsMessageId, sqsMessageId, originalMessageId].includes(id)) &&
    (sqsMessageIds === undefined || sqsMessageIds.has(sqsMessageId)) &&
    (since === undefined || sentAt >= since)
  );
}
