import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import type { ItemFields } from "@event-pipeline/event-model/item/attributes";

/** What the server says and the page reads; both are compiled against it. */

/** Where an event stands, as far as the consumer that stores events goes. */
export type EventStatus = "waiting" | "retrying" | "stored" | "dead" | "filtered";

/** What has become of an event at one stage. */
export type StageState = "pending" | "done" | "failed" | "filtered";

/** The stages of a row, in the order in which they are shown. */
export const ROW_STAGES = ["queue", "function", "table", "archive"] as const;
export type RowStage = (typeof ROW_STAGES)[number];

/** One event, as a row of the list. */
export interface EventRow {
  /** Its place in the order of arrival, from 1. */
  readonly seq: number;
  /** SNS MessageId. */
  readonly messageId: string;
  /** The event's own id; its MessageId where it has none. */
  readonly eventId: string;
  /** Empty where it has none, or is no JSON. */
  readonly type: string;
  /** Epoch milliseconds of its first hop. */
  readonly at: number;
  /** Of the published text, in UTF-8; absent where only its later hops are known. */
  readonly bytes?: number;
  /** The published text, or its beginning. */
  readonly text: string;
  /** Whether `text` is not all of it. */
  readonly isCut: boolean;
  readonly status: EventStatus;
  readonly stages: Readonly<Record<RowStage, StageState>>;
  /** Attempts that failed. */
  readonly failures: number;
  /** Milliseconds from its publication until it was stored or dead-lettered. */
  readonly latencyMs?: number;
  /** Code of its refusal, where it has one. */
  readonly errorCode?: string;
}

/** Messages of a queue, as of a time (epoch milliseconds). */
export interface Depth {
  readonly waiting: number;
  readonly inFlight: number;
  readonly asOf: number;
}

export const DEPTHS = ["queue", "deadLetterQueue", "archive"] as const;
export type Depths = Partial<Record<(typeof DEPTHS)[number], Depth>>;

/** First message of a stream. */
export interface Hello {
  /** Where the pipeline runs. */
  readonly mode: "local" | "aws";
  /** Whether hops are told as they happen; else they are read from the function's log, and depths are asked for. */
  readonly isLive: boolean;
  /** Stages of which nothing can be known. */
  readonly unseen: readonly HopKind[];
  /** Another one after each start of the server. */
  readonly run: string;
  /** Epoch milliseconds since which hops are known. */
  readonly since: number;
  /** The pipeline's `{name}`. */
  readonly name: string;
  readonly region: string;
  readonly endpoint?: string;
  /** What an act has to show; absent where only the printed URL has it. */
  readonly token?: string;
  /** Options of `npx event-pipeline` that name this pipeline. */
  readonly cliOptions: string;
  /** Events that are kept. */
  readonly maxEvents: number;
  /** What the page cannot show of this pipeline, and how fresh the rest is; sentences. */
  readonly notes: readonly string[];
}

/** Any further message of a stream; one without rows is a heartbeat. */
export interface Batch {
  /** New ones, and those that have changed. */
  readonly rows: readonly EventRow[];
  /** Hops since `Hello.since`. */
  readonly counts: Readonly<Record<HopKind, number>>;
  readonly depths: Depths;
  /** Whether further rows follow at once. */
  readonly more: boolean;
  /** Events that came and went before they could be sent to this page. */
  readonly dropped: number;
  /** Why figures are older than they should be; absent when they are not. */
  readonly trouble?: string;
}

/** All that is known of one event. */
export interface EventDetail {
  readonly row: EventRow;
  /** The published text; absent when it is no longer kept, or was never seen. */
  readonly body?: string | undefined;
  /** The message's own attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The stored item; absent if the event is not stored, or the item is no longer in the table. */
  readonly item?: Partial<ItemFields>;
  readonly hops: readonly Hop[];
  /** Hops before those, which are no longer kept. */
  readonly earlierHops: number;
}

export interface SampleEvent {
  readonly name: string;
  readonly description: string;
  readonly message: string;
}

export interface PublishRequest {
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PublishAnswer {
  readonly messageId: string;
}

export interface DeadLetter {
  readonly sqsMessageId: string;
  readonly messageId?: string;
  readonly eventId?: string;
  readonly type?: string;
  /** `none` for one that SQS moved after its receives. */
  readonly code: string;
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  readonly receives: number;
}

export interface DeadLetters {
  /** Those that were looked at, at most `MAX_LETTERS`. */
  readonly letters: readonly DeadLetter[];
  /** How many of each code; more than `letters` has where there are many. */
  readonly countByCode: Readonly<Record<string, number>>;
  readonly seen: number;
  /** What the queue said of itself before. */
  readonly visible: number;
  readonly inFlight: number;
  /** Whether the queue had no more to show. */
  readonly whole: boolean;
  /** Epoch milliseconds. */
  readonly asOf: number;
}

/** Which dead letters go back: those with one of the ids, those of a code, or all. */
export type RedriveRequest = { readonly ids: readonly string[] } | { readonly code: string } | { readonly all: true };

export interface RedriveAnswer {
  readonly sent: number;
  /** Why the others were not, and how many. */
  readonly failures: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly undeleted: number;
}

export interface ErrorAnswer {
  readonly error: string;
}

/** The address of one event's detail. */
export function eventPath(messageId: string): string {
  return `/api/events/${encodeURIComponent(messageId)}`;
}
