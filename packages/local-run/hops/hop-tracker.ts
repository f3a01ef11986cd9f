import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { type AttributeName, PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { DEAD_LETTER_ATTRIBUTES } from "@event-pipeline/event-model/refusal";
import type { WireItem } from "@event-pipeline/local-aws/dynamodb/wire-item";
import type { SeenMessage } from "@event-pipeline/local-aws/fauxqs/fauxqs";
import type { Attempt } from "../lambda/event-source-mapping";

/** Journeys that are remembered; the oldest is forgotten first. */
const MAX_JOURNEYS = 50_000;

interface Journey {
  readonly eventId: string;
  readonly publishedAt: number;
  /** What DynamoDB was seen to take; a hop once the handler has reported success. */
  storedAs?: Hop["detail"] | undefined;
}

/** What the topic took. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly body: string;
  /** Binary ones by their type alone. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface HopTrackerProps {
  readonly emit: (hop: Hop) => void;
  /** Called with each message that the topic takes, before its first hop. */
  readonly onPublished?: ((message: PublishedMessage) => void) | undefined;
  /** Names of the queues that messages end in. */
  readonly deadLetterQueues: ReadonlySet<string>;
  /** Names of the queues that functions consume; others are no hop. */
  readonly consumedQueues: ReadonlySet<string>;
  /** What is told of a subscription that dropped an event. */
  readonly nameSubscription: (topicArn: string, endpoint: string) => Hop["detail"];
}

/** Turns what the parts of the local run see into hops of events. */
export class HopTracker {
  private readonly journeys = new Map<string, Journey>();

  constructor(private readonly props: HopTrackerProps) {}

  message(message: SeenMessage): void {
    if (message.status === "filtered") {
      this.hop("filtered", message.messageId, this.props.nameSubscription(message.topicArn, message.endpoint));
      return;
    }
    if (message.service === "s3" || message.status !== "published") return;
    if (message.service === "sns") {
      this.remember(message.messageId, {
        eventId: eventIdOf(message.body, message.messageId),
        publishedAt: Date.now(),
      });
      this.props.onPublished?.(publishedMessage(message));
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

  stored(item: WireItem): void {
    const text = (attribute: AttributeName) => item[attribute]?.S;
    const [type, sortKey] = [text(PARTITION_KEY), text(SORT_KEY)];
    // Another consumer may have a table of its own, with other keys.
    if (typeof type !== "string" || typeof sortKey !== "string") return;
    const journey = this.journeys.get(String(text("message_id")));
    if (journey) journey.storedAs = { [PARTITION_KEY]: type, [SORT_KEY]: sortKey };
  }

  attempt({ body, receiveCount, functionName, durationMs, error }: Attempt): void {
    const messageId = messageIdOf(body);
    const detail = { function: functionName, attempt: receiveCount, ms: Math.round(durationMs) };
    if (error !== undefined) {
      this.hop("failed", messageId, { ...detail, reason: error });
      return;
    }
    this.hop("processed", messageId, detail);
    const journey = this.journeys.get(messageId);
    if (!journey?.storedAs) return;
    this.hop("stored", messageId, journey.storedAs);
    journey.storedAs = undefined; // Told; the next success may be another function's.
  }

  archived(records: readonly string[], uri: string): void {
    for (const record of records) this.hop("archived", messageIdOf(record), { object: uri });
  }

  private hop(kind: HopKind, messageId: string, detail: Hop["detail"]): void {
    const at = Date.now();
    const journey = this.journeys.get(messageId);
    this.props.emit({
      at,
      kind,
      eventId: journey?.eventId ?? messageId,
      messageId,
      ...(journey && { sincePublishedMs: at - journey.publishedAt }),
      detail,
    });
  }

  private remember(messageId: string, journey: Journey): void {
    this.journeys.set(messageId, journey);
    const [oldest] = this.journeys.keys();
    if (this.journeys.size > MAX_JOURNEYS && oldest !== undefined) this.journeys.delete(oldest);
  }
}

function publishedMessage({ messageId, body, messageAttributes }: Extract<SeenMessage, { topicName: string }>) {
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
    return {}; // No JSON, so it has no id of its own: the poison of the demonstration is such a message.
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
