import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { type AttributeName, PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { DEAD_LETTER_ATTRIBUTES } from "@event-pipeline/event-model/refusal";
import type { DynamodbItem } from "@event-pipeline/local-aws/dynamodb/dynamodb";
import type { SeenMessage } from "@event-pipeline/local-aws/fauxqs/fauxqs";
import type { DeliveryAttempt } from "../lambda/event-source-mapping";

/** Maximum number of events to track; the oldest is dropped first. */
const MAX_EVENTS = 50_000;

interface TrackedEvent {
  readonly eventId: string;
  readonly publishedAt: number;
  /** Key of the item in DynamoDB. It becomes a hop once the handler reports success. */
  storedAs?: Hop["detail"] | undefined;
}

/** A message that the topic accepted. */
export interface TopicMessage {
  readonly messageId: string;
  readonly body: string;
  /** Message attributes as text; a binary one shows its type only. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Time of publication in epoch milliseconds. */
  readonly at: number;
}

export interface HopTrackerProps {
  readonly emit: (hop: Hop) => void;
  /** Called with each message that the topic accepts, before its first hop. @default - not called */
  readonly onPublished?: ((message: TopicMessage) => void) | undefined;
  readonly deadLetterQueues: ReadonlySet<string>;
  /** Queues that functions consume. Messages in other queues are not hops. */
  readonly consumedQueues: ReadonlySet<string>;
  /** Describes the subscription that filtered an event out. */
  readonly subscriptionDetails: (topicArn: string, endpoint: string) => Hop["detail"];
}

/** Turns the events of the emulated services into hops. */
export class HopTracker {
  private readonly events = new Map<string, TrackedEvent>();

  constructor(private readonly props: HopTrackerProps) {}

  message(message: SeenMessage): void {
    if (message.status === "filtered") {
      this.hop("filtered", message.messageId, this.props.subscriptionDetails(message.topicArn, message.endpoint));
      return;
    }
    if (message.service === "s3" || message.status !== "published") return;
    if (message.service === "sns") {
      this.remember(message.messageId, {
        eventId: eventIdOf(message.body, message.messageId),
        publishedAt: Date.now(),
      });
      this.props.onPublished?.(topicMessage(message));
      this.hop("published", message.messageId, { topic: message.topicName });
    } else if (this.props.deadLetterQueues.has(message.queueName)) {
      const { [DEAD_LETTER_ATTRIBUTES.code]: code, [DEAD_LETTER_ATTRIBUTES.reason]: reason } =
        message.messageAttributes;
      this.hop("dead-lettered", messageIdOf(message.body), {
        queue: message.queueName,
        ...(code?.StringValue !== undefined && { error_code: code.StringValue }),
        ...(reason?.StringValue !== undefined && { reason: reason.StringValue }),
      });
    } else if (this.props.consumedQueues.has(message.queueName)) {
      this.hop("queued", messageIdOf(message.body), { queue: message.queueName });
    }
  }

  stored(item: DynamodbItem): void {
    const text = (attribute: AttributeName) => item[attribute]?.S;
    const [type, sortKey] = [text(PARTITION_KEY), text(SORT_KEY)];
    // Another consumer may have a table with other keys.
    if (typeof type !== "string" || typeof sortKey !== "string") return;
    const event = this.events.get(String(text("message_id")));
    if (event) event.storedAs = { [PARTITION_KEY]: type, [SORT_KEY]: sortKey };
  }

  attempt({ body, receiveCount, functionName, durationMs, error }: DeliveryAttempt): void {
    const messageId = messageIdOf(body);
    const detail = { function: functionName, attempt: receiveCount, ms: Math.round(durationMs) };
    if (error !== undefined) {
      this.hop("failed", messageId, { ...detail, reason: error });
      return;
    }
    this.hop("processed", messageId, detail);
    const event = this.events.get(messageId);
    if (!event?.storedAs) return;
    this.hop("stored", messageId, event.storedAs);
    event.storedAs = undefined; // Reported. The next success may be of another function.
  }

  archived(records: readonly string[], uri: string): void {
    for (const record of records) this.hop("archived", messageIdOf(record), { object: uri });
  }

  private hop(kind: HopKind, messageId: string, detail: Hop["detail"]): void {
    const at = Date.now();
    const event = this.events.get(messageId);
    this.props.emit({
      at,
      kind,
      eventId: event?.eventId ?? messageId,
      messageId,
      ...(event && { sincePublishedMs: at - event.publishedAt }),
      detail,
    });
  }

  private remember(messageId: string, event: TrackedEvent): void {
    this.events.set(messageId, event);
    const [oldest] = this.events.keys();
    if (this.events.size > MAX_EVENTS && oldest !== undefined) this.events.delete(oldest);
  }
}

function topicMessage(message: Extract<SeenMessage, { topicName: string }>): TopicMessage {
  const { messageId, body, messageAttributes } = message;
  const attributes: Record<string, string> = {};
  for (const [name, { DataType, StringValue }] of Object.entries(messageAttributes)) {
    attributes[name] = StringValue ?? `(${DataType})`;
  }
  return { messageId, body, attributes, at: Date.now() };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function eventIdOf(message: string, messageId: string): string {
  const { id } = parseObject(message);
  return (typeof id === "string" && id !== "") || typeof id === "number" ? String(id) : messageId;
}

function messageIdOf(envelope: string): string {
  const { MessageId } = parseObject(envelope);
  return typeof MessageId === "string" ? MessageId : "unknown";
}
