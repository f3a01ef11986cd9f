import { PARTITION_KEY } from "@event-pipeline/event-model/item/attributes";
import type { EventRow, TracedHop } from "../api";
import { isOwn } from "./hop-part";

/** Maximum number of characters of an event's text in its row. */
const ROW_TEXT = 1_024;
const MAX_TYPE = 300;
/** Maximum number of hops per event. An event that is retried for hours has thousands. */
const MAX_HOPS = 200;

/** A message as published to SNS. */
export interface LoggedMessage {
  readonly messageId: string;
  readonly body: string;
  /** The type that the handler reads; an empty text if it reads none. */
  readonly type: string;
  /** The entry of the mapping that found the type. */
  readonly mappedBy?: string | undefined;
  readonly subject?: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One event of the log. */
export class LoggedEvent {
  row: EventRow;
  readonly hops: TracedHop[] = [];
  discardedHops = 0;
  message: LoggedMessage | undefined;
  /** Size of the kept message in bytes. */
  keptBytes = 0;
  /** Revision of the latest change. */
  revision = 0;

  constructor(
    seq: number,
    readonly messageId: string,
    at: number,
  ) {
    this.row = {
      seq,
      messageId,
      eventId: messageId,
      type: "",
      at,
      text: "",
      isCut: false,
      status: "waiting",
      stages: { queue: "pending", function: "pending", table: "pending", archive: "pending" },
      failures: 0,
      deadLetters: 0,
    };
  }

  publish(message: LoggedMessage): void {
    const { body, type } = message;
    this.message = message;
    const bytes = Buffer.byteLength(body);
    const others = othersOf(message);
    this.keptBytes = others.reduce((sum, { length }) => sum + 2 * length, bytes);
    const text = body.slice(0, ROW_TEXT);
    const isCut = text !== body || others.length > 0;
    this.row = { ...this.row, type: shortened(type) || this.row.type, bytes, text, isCut };
  }

  /** Returns whether this lowercase text is in the message: its text, its subject, the mapping's entry, or an attribute as `name=value`. */
  includes(wanted: string): boolean {
    const { message } = this;
    return (
      message !== undefined && [message.body, ...othersOf(message)].some((text) => text.toLowerCase().includes(wanted))
    );
  }

  /** Discards the message to free memory. */
  forgetMessage(): void {
    this.message = undefined;
    this.keptBytes = 0;
  }

  hop(hop: TracedHop): void {
    this.hops.push(hop);
    if (this.hops.length > MAX_HOPS) {
      // The first two hops show where the event came from.
      this.hops.splice(2, 1);
      this.discardedHops += 1;
    }
    // The row shows only the consumer that stores events.
    if (!isOwn(hop)) return;
    const { row } = this;
    this.row = { ...row, eventId: hop.eventId, ...changeBy(hop, row) };
  }
}

/** Returns what a hop changes in the row. */
function changeBy({ kind, at, detail }: TracedHop, row: EventRow): Partial<EventRow> {
  const { stages } = row;
  const latencyMs = at - row.at;
  switch (kind) {
    case "queued":
      // A redrive queues the event again.
      return { stages: { ...stages, queue: "done", function: "pending", table: "pending" }, status: "waiting" };
    case "processed":
      return { stages: { ...stages, queue: "done", function: "done" } };
    case "failed":
      return {
        stages: { ...stages, queue: "done", function: "failed" },
        failures: row.failures + 1,
        // SQS may report the last attempt after it moved the message.
        status: stages.table === "failed" ? row.status : "retrying",
      };
    case "stored":
      return {
        stages: { ...stages, table: "done" },
        status: "stored",
        latencyMs,
        ...(detail[PARTITION_KEY] !== undefined && { type: shortened(String(detail[PARTITION_KEY])) }),
      };
    case "dead-lettered":
      return {
        stages: { ...stages, table: "failed" },
        status: "dead",
        deadLetters: row.deadLetters + 1,
        latencyMs,
        ...(detail.error_code !== undefined && { errorCode: String(detail.error_code) }),
      };
    case "purged":
      return { status: "purged" };
    case "archived":
      return { stages: { ...stages, archive: "done" } };
    case "filtered":
      if (detail.stream !== undefined) return { stages: { ...stages, archive: "filtered" } };
      return {
        stages: { ...stages, queue: "filtered", function: "filtered", table: "filtered" },
        status: row.status === "waiting" ? "filtered" : row.status,
      };
    default:
      return {};
  }
}

/** Returns the texts of a message that its row does not have. */
function othersOf({ subject, mappedBy, attributes }: LoggedMessage): string[] {
  const pairs = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  return [subject, mappedBy, ...pairs].filter((text) => text !== undefined);
}

function shortened(type: string): string {
  return type.slice(0, MAX_TYPE);
}
