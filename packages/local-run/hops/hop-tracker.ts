import { CONTRACTS_KEY } from "@event-pipeline/event-model/archive-layout";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { eventTypeOf, type PublishedMessage, parseEvent } from "@event-pipeline/event-model/event";
import type { HandlerEnvironment } from "@event-pipeline/event-model/handler-environment";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { type EventKey, keyText, PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { eventKeyOf, storedIdOf } from "@event-pipeline/event-model/item/key";
import { Mapping, type MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { DEAD_LETTER_ATTRIBUTES, RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { Clock } from "@event-pipeline/local-aws/clock";
import type { DeliveryAttempt, DynamodbItem, MessageAttributes, Observer } from "@event-pipeline/local-aws/observer";
import type { SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { lastPart } from "../outputs";

/** Maximum number of events, and of items, to track; the oldest is dropped first. */
const MAX_EVENTS = 50_000;

interface TrackedEvent {
  /** All hops share this string, because each envelope that is parsed has its own. */
  readonly messageId: string;
  /** The ID by the mapping at the time of publication, until the table has the event. */
  eventId: string;
  readonly publishedAt: number;
  /** Key of the event's item in the table. The hop `stored` is emitted once the handler reports success. */
  storedAs?: EventKey | undefined;
  isStored?: boolean;
}

/** An event's messages in a dead-letter queue. */
interface DeadLetters {
  /** More than one if the event became a dead letter again before its redrive deleted the first message. */
  copies: number;
  /** True if the event was queued again since it was dead-lettered last. */
  isRedriven: boolean;
}

/** The identity that the handler reads from a message. */
interface Identity {
  /** An empty text if the handler refuses the message for its type, or before it reads the type. */
  readonly type: string;
  /** The ID as the table has it; absent if the event has none of its own. */
  readonly eventId?: string | undefined;
  /** The entry of the mapping that found them. */
  readonly mappedBy?: string | undefined;
}

/** A message that the topic accepted. */
export interface TopicMessage extends Omit<Identity, "eventId"> {
  readonly messageId: string;
  readonly body: string;
  /** Time at which the topic accepted the message, in epoch milliseconds of the run's clock. */
  readonly at: number;
  readonly subject?: string | undefined;
  /** Message attributes as text; for a binary attribute, only its type. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface HopListeners {
  readonly onHop: (hop: Hop) => void;
  /** Called with each message that the topic accepts, before its first hop. */
  readonly onPublished: (message: TopicMessage) => void;
  readonly onLog: (functionName: string, line: string) => void;
  readonly onNote: (message: string) => void;
}

/** Converts what the emulated services report into hops. */
export class HopTracker implements Observer {
  private readonly events = new Map<string, TrackedEvent>();
  /** The keys of the newest items. */
  private readonly storedKeys = new Set<string>();
  private readonly deadLetterQueues: ReadonlySet<string>;
  /** The dead-letter queue of each queue that has one. */
  private readonly deadLetterQueueOf: ReadonlyMap<unknown, string>;
  /** The events in dead-letter queues, by queue and message ID. */
  private readonly deadLetters = new Map<string, DeadLetters>();
  /** Queues that functions consume. Messages in other queues create no hops. */
  private readonly consumedQueues: ReadonlySet<string>;
  /** Functions with the handler's variable TABLE_NAME. */
  private readonly eventProcessors: ReadonlySet<string>;
  /** The queue that each function consumes. */
  private readonly queueOf: ReadonlyMap<string, string>;
  private mapping: Mapping;
  /** Read once, because every filtered event needs them. */
  private readonly subscriptions: readonly { address: string; topicArn: unknown; endpoint: unknown }[];

  constructor(
    stack: SynthesizedStack,
    private readonly clock: Clock,
    private readonly listeners: HopListeners,
  ) {
    const subscriptions = stack.ofType("aws_sns_topic_subscription");
    const mappings = stack.ofType("aws_lambda_event_source_mapping");
    const withTarget = [...stack.ofType("aws_sqs_queue"), ...subscriptions].flatMap((block) => {
      const policy = block.get("redrive_policy");
      if (policy === undefined) return [];
      const { deadLetterTargetArn } = JSON.parse(String(policy)) as { deadLetterTargetArn: string };
      return [[block.get("name"), lastPart(deadLetterTargetArn, ":")] as const];
    });
    this.deadLetterQueues = new Set(withTarget.map(([, target]) => target));
    this.deadLetterQueueOf = new Map(withTarget);
    this.queueOf = new Map(
      mappings.map((block) => [String(block.get("function_name")), lastPart(block.get("event_source_arn"), ":")]),
    );
    this.consumedQueues = new Set(this.queueOf.values());
    this.mapping = mappingIn(stack);
    const tableVariable: keyof HandlerEnvironment = "TABLE_NAME";
    const processors = stack
      .ofType("aws_lambda_function")
      .filter((block) => Object.hasOwn(Object(block.nested("environment").variables), tableVariable));
    this.eventProcessors = new Set(processors.map((block) => String(block.get("function_name"))));
    this.subscriptions = subscriptions.map((block) => ({
      address: block.address,
      topicArn: block.get("topic_arn"),
      endpoint: block.get("endpoint"),
    }));
  }

  /** Reads events by the mapping of a stack that was synthesized again while the run runs. */
  useMappingOf(stack: SynthesizedStack): void {
    this.mapping = mappingIn(stack);
  }

  published({ topicArn, messageId, body, subject, attributes }: Parameters<Required<Observer>["published"]>[0]): void {
    const published = { message: body, attributes: envelopeAttributes(attributes) };
    const { eventId = messageId, ...identity } = identityOf(published, this.mapping);
    const at = this.clock.now();
    this.events.set(messageId, { messageId, eventId, publishedAt: at });
    dropOldest(this.events);
    const texts = Object.entries(attributes).map(
      ([name, { DataType, StringValue }]) => [name, StringValue ?? `(${DataType})`] as const,
    );
    this.listeners.onPublished({ messageId, body, at, subject, attributes: Object.fromEntries(texts), ...identity });
    this.hop("published", messageId, { topic: lastPart(topicArn, ":") });
  }

  filtered({ messageId, ...subscription }: Parameters<Required<Observer>["filtered"]>[0]): void {
    this.hop("filtered", messageId, this.subscriptionDetail(subscription));
  }

  enqueued({ queueName, body, attributes }: { queueName: string; body: string; attributes: MessageAttributes }): void {
    const messageId = messageIdOf(body);
    if (this.deadLetterQueues.has(queueName)) {
      const key = `${queueName} ${messageId}`;
      this.deadLetters.set(key, { copies: (this.deadLetters.get(key)?.copies ?? 0) + 1, isRedriven: false });
      dropOldest(this.deadLetters);
      const { [DEAD_LETTER_ATTRIBUTES.code]: code, [DEAD_LETTER_ATTRIBUTES.reason]: reason } = attributes;
      this.hop("dead-lettered", messageId, {
        queue: queueName,
        ...(code?.StringValue !== undefined && { error_code: code.StringValue }),
        ...(reason?.StringValue !== undefined && { reason: reason.StringValue }),
      });
    } else if (this.consumedQueues.has(queueName)) {
      const redriven = this.deadLetters.get(`${this.deadLetterQueueOf.get(queueName)} ${messageId}`);
      if (redriven) redriven.isRedriven = true;
      this.hop("queued", messageId, { queue: queueName });
    }
  }

  deleted({ queueName, body }: { queueName: string; body: string }): void {
    if (!this.deadLetterQueues.has(queueName)) return;
    const messageId = messageIdOf(body);
    const key = `${queueName} ${messageId}`;
    const letters = this.deadLetters.get(key);
    if (!letters) return; // An earlier run, or the oldest of more than MAX_EVENTS.
    letters.copies -= 1;
    if (letters.copies > 0) return;
    this.deadLetters.delete(key);
    // A redrive sends the message to its queue before it deletes it.
    if (!letters.isRedriven) this.hop("purged", messageId, { queue: queueName });
  }

  stored({ [PARTITION_KEY]: type, [SORT_KEY]: sortKey, message_id: messageId, event_id: id }: DynamodbItem): void {
    // Another consumer's table may have other keys.
    if (typeof type?.S !== "string" || typeof sortKey?.S !== "string") return;
    const key = { [PARTITION_KEY]: type.S, [SORT_KEY]: sortKey.S };
    this.storedKeys.add(keyText(key));
    dropOldest(this.storedKeys);
    const event = this.events.get(String(messageId?.S));
    if (!event) return;
    event.storedAs = key;
    if (typeof id?.S === "string") event.eventId = id.S;
  }

  attempted({ body, receiveCount, functionName, durationMs, error }: DeliveryAttempt): void {
    const messageId = messageIdOf(body);
    const detail = { function: functionName, attempt: receiveCount, ms: Math.round(durationMs) };
    if (error !== undefined) {
      this.hop("failed", messageId, { ...detail, reason: error });
      return;
    }
    this.hop("processed", messageId, detail);
    const event = this.events.get(messageId);
    if (!event) return;
    const mayBeFolded =
      !event.isStored && this.eventProcessors.has(functionName) && !this.isDeadLetter(messageId, functionName);
    const key = event.storedAs ?? (mayBeFolded ? this.keyOfEqualEvent(body) : undefined);
    if (!key) return;
    this.hop("stored", messageId, { ...key });
    event.storedAs = undefined; // Reported. The next success may be another function's.
    event.isStored = true;
  }

  /** Returns whether the message is in the function's dead-letter queue. The handler sends what it refuses there. */
  private isDeadLetter(messageId: string, functionName: string): boolean {
    const queueName = this.deadLetterQueueOf.get(this.queueOf.get(functionName));
    return this.deadLetters.get(`${queueName} ${messageId}`)?.isRedriven === false;
  }

  /** Returns the key if the table has an equal event's item: the handler writes equal events of a batch once. */
  private keyOfEqualEvent(body: string): EventKey | undefined {
    try {
      const envelope = parseEnvelope(body);
      const { event_type, timestamp_id } = eventKeyOf(
        parseEvent(envelope, { mapping: this.mapping, maxValues: 0 }),
        envelope,
      );
      const key = { event_type, timestamp_id };
      return this.storedKeys.has(keyText(key)) ? key : undefined;
    } catch (error) {
      if (error instanceof RefusedMessageError) return undefined;
      throw error;
    }
  }

  logged(functionName: string, line: string): void {
    this.listeners.onLog(functionName, line);
  }

  noted(message: string): void {
    this.listeners.onNote(message);
  }

  undelivered({ messageId, subscriptionArn, reason }: Parameters<Required<Observer>["undelivered"]>[0]): void {
    this.noted(`SNS could not deliver message ${messageId} to the subscription ${subscriptionArn}: ${reason}.`);
  }

  delivered(records: readonly string[], uri: string): void {
    for (const record of records) this.hop("archived", messageIdOf(record), { object: uri });
  }

  /** Describes a subscription. Only subscriptions of the stack have an address. */
  private subscriptionDetail({ topicArn, endpoint }: { topicArn: string; endpoint: string }): Hop["detail"] {
    const subscription = this.subscriptions.find((one) => one.topicArn === topicArn && one.endpoint === endpoint);
    const [, stream] = endpoint.split(":deliverystream/");
    return {
      ...(subscription && { subscription: subscription.address }),
      ...(stream === undefined ? { queue: lastPart(endpoint, ":") } : { stream }),
    };
  }

  private hop(kind: HopKind, messageId: string, detail: Hop["detail"]): void {
    const at = this.clock.now();
    const event = this.events.get(messageId);
    this.listeners.onHop({
      at,
      kind,
      eventId: event?.eventId ?? messageId,
      messageId: event?.messageId ?? messageId,
      ...(event && { sincePublishedMs: at - event.publishedAt }),
      detail,
    });
  }
}

function dropOldest(entries: Map<string, unknown> | Set<string>): void {
  const [oldest] = entries.keys();
  if (entries.size > MAX_EVENTS && oldest !== undefined) entries.delete(oldest);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Returns the mapping that synth wrote with the contracts; an empty one if there are none. */
function mappingIn(stack: SynthesizedStack): Mapping {
  const object = stack.ofType("aws_s3_object").find((block) => block.get("key") === CONTRACTS_KEY);
  if (!object) return Mapping.NONE;
  const { mapping } = JSON.parse(String(object.get("content"))) as { readonly mapping: readonly MappingEntry[] };
  return new Mapping(mapping);
}

/** Returns the attributes as SNS's envelope has them. */
function envelopeAttributes(attributes: MessageAttributes): NonNullable<PublishedMessage["attributes"]> {
  return new Map(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue = new Uint8Array() }]) => [
      name,
      { type: DataType, value: StringValue ?? Buffer.from(BinaryValue).toString("base64") },
    ]),
  );
}

function identityOf(published: PublishedMessage, mapping: Mapping): Identity {
  let identity: Identity = { type: "" };
  try {
    const event = parseEvent(published, { mapping, maxValues: 0 });
    identity = { type: "", eventId: storedIdOf(event), mappedBy: event.mappedBy };
    return { ...identity, type: eventTypeOf(event) };
  } catch (error) {
    if (error instanceof RefusedMessageError) return identity;
    throw error;
  }
}

function messageIdOf(envelope: string): string {
  const { MessageId } = parseObject(envelope);
  return typeof MessageId === "string" ? MessageId : "unknown";
}
