import type { Message } from "@aws-sdk/client-sqs";
import { type Envelope, parseEnvelope } from "@event-pipeline/event-model/envelope";
import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import type { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { DEAD_LETTER_ATTRIBUTES, type RefusalCode } from "@event-pipeline/event-model/refusal";
import type { CurrentContracts } from "../deployed-contracts";
import { expectedOutcomeKeyOnly, identityOf } from "../expected-outcome";

/** A message in a dead-letter queue, with the values in its attributes and its body. */
export interface DeadLetterMessage {
  readonly message: Message;
  readonly sqsMessageId: string;
  /** The handler's refusal code; undefined for a message that SQS moved to the queue after its last receive. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** The message's MessageId in the source queue; undefined for a message that SQS moved, which keeps its MessageId. */
  readonly originalMessageId: string | undefined;
  /** The MessageId from SNS; undefined when neither the body nor an attribute contains it. */
  readonly snsMessageId: string | undefined;
  /** The event's type; undefined when the body is not a valid event. */
  readonly type: string | undefined;
  /** The event's own ID; undefined when the event has none, or when the body is not a valid event. */
  readonly eventId: string | undefined;
  /** The time at which the message was sent: to the source queue if SQS moved it, otherwise to the dead-letter queue. */
  readonly sentAt: Date;
  /** The receive count, including this receive. */
  readonly receiveCount: number;
}

/** The name for messages without a refusal code, in `--code` and in the groups of `dlq list`. */
export const NO_CODE = "none";

/**
 * Parses a message that was received from a dead-letter queue.
 *
 * @param mapping - Where the event's type and ID are found. @default - in its members `type` and `id`
 */
export function deadLetterMessage(message: Message, mapping?: Mapping): DeadLetterMessage {
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const envelope = envelopeOf(message);
  const { type, eventId } = envelope ? identityOf(envelope, mapping) : {};
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

/** Returns the SNS envelope in a message's body; undefined when the body is not an envelope. */
export function envelopeOf({ Body = "" }: Pick<Message, "Body">): Envelope | undefined {
  try {
    return parseEnvelope(Body);
  } catch {
    return undefined;
  }
}

/** The expected result of a message: the event processor stores an item with this key, or refuses it with this code. */
interface ExpectedResult {
  readonly key?: EventKey | undefined;
  readonly code?: RefusalCode | undefined;
}

/** Returns what the event processor would do with a message by these contracts. */
export function expectedResultOf(
  message: Pick<Message, "Body">,
  { current }: Pick<CurrentContracts, "current">,
): ExpectedResult {
  const envelope = envelopeOf(message);
  if (!envelope) return { code: "NOT_AN_ENVELOPE" };
  const { item, refusal } = expectedOutcomeKeyOnly(envelope, 0, { current, formerMappings: [] });
  return item ? { key: { event_type: item.event_type, timestamp_id: item.timestamp_id } } : { code: refusal?.code };
}

/** Returns whether every attribute has a value. The SDK returns the attribute `__proto__` without its value. */
export function hasEveryAttribute({ message }: DeadLetterMessage): boolean {
  return Object.values(message.MessageAttributes ?? {}).every((attribute) => attribute !== undefined);
}

/** The criteria for messages in a dead-letter queue. A message must match every given member. */
export interface DeadLetterFilter {
  /** A refusal code, or `none` for messages without a refusal code. */
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  /** The event's own ID, the MessageId from SNS, or a MessageId from SQS. */
  readonly id?: string | undefined;
  /** MessageIds from SQS. A message matches if its MessageId is among them. */
  readonly sqsMessageIds?: ReadonlySet<string> | undefined;
  /** The earliest `sentAt` of a matching message. */
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
