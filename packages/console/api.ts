import type { Hop, HopKind } from "@event-pipeline/event-model/hop";

// The interface between the server and the page.

/** An event's status at the consumer that stores events. */
export type EventStatus = "waiting" | "retrying" | "stored" | "dead" | "purged" | "filtered";

/** An event's state at one stage. */
export type RowStageState = "pending" | "done" | "failed" | "filtered";

/** The stages of a row, in display order. */
export const ROW_STAGES = ["queue", "function", "table", "archive"] as const;
export type RowStage = (typeof ROW_STAGES)[number];

/** One event in the list. */
export interface EventRow {
  /** Sequence number in order of arrival, from 1. */
  readonly seq: number;
  /** SNS message ID. */
  readonly messageId: string;
  /** The event's own ID, or its message ID if it has none. */
  readonly eventId: string;
  /** The type that the handler stores or would store, or an empty string. */
  readonly type: string;
  /** Time of the first hop in epoch milliseconds. */
  readonly at: number;
  /** Size of the published text in bytes; absent if the server has seen only later hops. */
  readonly bytes?: number;
  /** The published text or its beginning. */
  readonly text: string;
  /** True if the server has more than the row: the rest of a long text, the subject, the mapping's entry or message attributes. */
  readonly isCut: boolean;
  readonly status: EventStatus;
  readonly stages: Readonly<Record<RowStage, RowStageState>>;
  /** Number of failed attempts. */
  readonly failures: number;
  /** Number of times that the event became a dead letter. */
  readonly deadLetters: number;
  /** Milliseconds from publication until the event was stored or dead-lettered. */
  readonly latencyMs?: number;
  readonly errorCode?: string;
}

/** Number of messages in a queue. */
export interface Depth {
  readonly waiting: number;
  readonly inFlight: number;
  /** Time of the count in epoch milliseconds. */
  readonly asOf: number;
}

export type Depths = Partial<Record<"queue" | "deadLetterQueue" | "archive", Depth>>;

/** The first message of a stream, `hello`. */
export interface Hello {
  /** The place where the pipeline runs. */
  readonly mode: "local" | "aws";
  /** True if the server observes hops as they happen; false if it reads the function's log and polls the queues. */
  readonly isLive: boolean;
  /** True if the pipeline's data remains when the server stops. */
  readonly keepsData: boolean;
  /** Hops that the server cannot observe. */
  readonly untracked: readonly HopKind[];
  /** Unique ID of this run of the server. */
  readonly run: string;
  /** Time at which the server started, in epoch milliseconds. */
  readonly since: number;
  /** Time from which the server counts hops, in epoch milliseconds. */
  readonly countsSince: number;
  /** The pipeline's name. */
  readonly name: string;
  readonly region: string;
  /** Token that actions require; absent if only the printed URL contains it. */
  readonly token?: string;
  /** Options of `npx event-pipeline` that select this pipeline. */
  readonly cliOptions: string;
  /** Maximum number of events that the server keeps. */
  readonly maxEvents: number;
  /** Sentences for the user about missing information and delays. */
  readonly notes: readonly string[];
}

export type HopCounts = Readonly<Record<HopKind, number>>;

/** Each later message of a stream, `update`. An update without rows is a heartbeat. */
export interface StreamUpdate {
  /** New and changed events. */
  readonly rows: readonly EventRow[];
  /** Number of hops since `Hello.countsSince`, except those of other subscribers. */
  readonly counts: HopCounts;
  /** Number of hops of each other subscriber, by its name. */
  readonly subscribers: Readonly<Record<string, HopCounts>>;
  readonly depths: Depths;
  /** True if more rows follow immediately. */
  readonly more: boolean;
  /** Sequence number of the newest event that the server knows. */
  readonly newestSeq: number;
  /** State of a deployment's sources; absent for the local run, whose server observes every hop. */
  readonly sources?: SourcesState;
}

/** The state of the sources that the page of a deployment shows. */
export interface SourcesState {
  /** True if the function's log was read completely at least once. Without it, the counts of hops are not known. */
  readonly isLogRead: boolean;
  /** Sources that could not be read at the latest attempt. */
  readonly unread: readonly UnreadSource[];
  /** Reason why the events are late or incomplete; absent if they are neither. */
  readonly warning?: string | undefined;
}

export interface UnreadSource {
  readonly source: "log" | "queue" | "deadLetterQueue";
  readonly error: string;
  /** Time of the first failed attempt in epoch milliseconds. */
  readonly since: number;
}

/** The part of the pipeline that a hop belongs to: the topic, the event processor, or the archive. */
export const PARTS = ["topic", "processor", "archive"] as const;

export interface TracedHop extends Hop {
  /** One of `PARTS`, or the name of another subscriber, such as `local-alerts`. */
  readonly part: string;
}

/** Everything that the server knows about one event. */
export interface EventDetail {
  readonly row: EventRow;
  /** The published text; absent if the server discarded the text or never received it. */
  readonly body?: string | undefined;
  /** SNS's Subject. */
  readonly subject?: string | undefined;
  /** SNS message attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The entry of the mapping that found the type. */
  readonly mappedBy?: string | undefined;
  /** The event's item as JSON, with every digit of its numbers; absent if the table does not have it, or could not be read. */
  readonly item?: string;
  /** Sentences about the event, such as the reason why its time is not in its key. */
  readonly notes: readonly string[];
  readonly hops: readonly TracedHop[];
  /** Number of hops that the server discarded from the middle of `hops`. */
  readonly discardedHops: number;
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

export interface PublishResponse {
  readonly messageId: string;
}

/** The deployed contract of an event type. */
export interface ContractDetail {
  readonly type: string;
  readonly version: string;
  /** SHA-256 of the contract. */
  readonly hash: string;
  readonly title: string;
  readonly description: string;
  /** Events as JSON. */
  readonly examples: readonly string[];
  /** The contract as JSON. */
  readonly schema: string;
}

export interface Contracts {
  /** SHA-256 of all contracts and the mapping; an empty text if there are none. */
  readonly hash: string;
  /** Ordered by type. */
  readonly contracts: readonly ContractDetail[];
  /** The reason why the deployed contracts could not be read. */
  readonly notKnown?: string;
}

/** The handler's judgment of a message. Without a refusal, it would store the event. */
export interface Verdict {
  /** The type that the handler reads; absent if it reads none. */
  readonly type?: string;
  /** `hash` of the contracts that the message is judged by. */
  readonly contractsHash: string;
  readonly refusal?: { readonly code: string; readonly reason: string };
  /** Sentence about the event's time, if the handler cannot read it. */
  readonly unreadableTime?: string;
  /** The reason why the deployed contracts could not be read, so that the event is judged without them. */
  readonly notKnown?: string;
}

/** One message of the dead-letter queue. */
export interface DeadLetterRow {
  readonly sqsMessageId: string;
  /** SNS message ID. */
  readonly messageId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly type?: string | undefined;
  /** Error code; `none` for a message that SQS moved after the maximum number of receives. */
  readonly code: string;
  readonly reason?: string | undefined;
  /** Time at which SNS received the event, in epoch milliseconds. */
  readonly publishedAt?: number | undefined;
  /** The message's `SentTimestamp` in epoch milliseconds. A redrive sends a new message. */
  readonly sentAt: number;
  readonly receives: number;
}

export interface DeadLetters {
  /** The first 1,000 messages. */
  readonly letters: readonly DeadLetterRow[];
  /** Number of received messages per error code, including those that `letters` omits. */
  readonly countByCode: Readonly<Record<string, number>>;
  /** Number of received messages. */
  readonly seen: number;
  readonly inFlight: number;
  /** True if the queue had no more messages. */
  readonly complete: boolean;
  /** Number of messages that could not be made visible again, and the seconds until SQS does so. */
  readonly stillLeased: number;
  readonly leaseSeconds: number;
  /** The error that ended the receives early. */
  readonly stoppedBy?: string;
  /** Time at which the messages were received, in epoch milliseconds. */
  readonly asOf: number;
}

/** Selects the messages to redrive: by SQS message ID, by SNS message ID, by error code, or all. */
export type RedriveRequest =
  | { readonly ids: readonly string[] }
  | { readonly messageId: string }
  | { readonly code: string }
  | { readonly all: true };

export interface RedriveResponse {
  readonly sent: number;
  /** Number of sent messages that are in the dead-letter queue too, because their deletion failed. */
  readonly notDeleted: number;
  /** Number of messages that were not sent, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** Number of messages that were not sent because another consumer received them. */
  readonly lost: number;
  /** The error that ended the redrive early. */
  readonly stoppedBy?: string;
}

export interface ApiErrorBody {
  readonly error: string;
}
