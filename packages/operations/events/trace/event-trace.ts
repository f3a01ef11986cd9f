import type { EventKey } from "@event-pipeline/event-model/item/attributes";
import type { RecordEnd } from "@event-pipeline/event-model/log-lines";
import type { StoredEvent } from "../stored-event";

/** One receive of an event by the handler. */
export interface Attempt {
  readonly at: Date;
  readonly end: RecordEnd;
  readonly receive: number;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
}

/** Where an event's envelope lies. */
export interface ArchivedAt {
  readonly bucket: string;
  readonly key: string;
  /** Of the object's records, from 0. */
  readonly index: number;
}

export interface DeadLetterOf {
  readonly queue: string;
  /** Undefined for one that SQS moved there, after its receives. */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** Whether the letter itself was seen there, rather than that the handler sent it. */
  readonly seen: boolean;
}

/** What became of one publication, as far as it could be seen. */
export interface EventWay {
  /** SNS's MessageId; SQS's for what is no envelope. */
  readonly messageId: string;
  publishedAt?: Date;
  key?: EventKey;
  /** Its own; absent when it has none, or that is not known. */
  eventId?: string;
  /** Oldest first. */
  attempts: Attempt[];
  stored?: StoredEvent;
  archived?: ArchivedAt;
  deadLetter?: DeadLetterOf;
  /** The envelope, where the archive has it. */
  envelope?: string;
  /** Why the handler refuses that envelope. */
  refusal?: { readonly code: string; readonly reason: string };
  /** Whether the queue's filter policy, as it is now, keeps it from the queue; undefined where that is not known. */
  filtered?: boolean;
  /** Whether its item has passed its expiry. */
  expired?: boolean;
}

/** In a word, where an event is. */
export type Outcome =
  | "stored"
  /** One item stands for this publication and another of the same text. */
  | "folded"
  | "dead-lettered"
  | "filtered"
  | "expired"
  /** The handler stored it, and its item is gone. */
  | "deleted"
  /** Handed back: SQS delivers it again. */
  | "retried"
  /** The archive has it, and nothing else does. */
  | "waiting";

export function outcomeOf({ messageId, stored, attempts, deadLetter, filtered, expired }: EventWay): Outcome {
  if (stored) return stored.message_id === messageId ? "stored" : "folded";
  if (expired) return "expired";
  const last = attempts.at(-1);
  if (last?.end === "stored") return "deleted";
  if (deadLetter) return "dead-lettered";
  if (last) return "retried";
  return filtered ? "filtered" : "waiting";
}
