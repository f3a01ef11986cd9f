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
  readonly attributes: Readonly<Record<string, string>>;
}

/** One event of the log. */
export class LoggedEvent {
  private row: EventRow;
  private isDescribed = false;
  readonly hops: TracedHop[] = [];
  discardedHops = 0;
  body: string | undefined;
  attributes: Readonly<Record<string, string>> = {};
  /** Size of the kept body and attributes in bytes. */
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

  publish({ body, attributes }: LoggedMessage): void {
    this.body = body;
    this.attributes = attributes;
    this.isDescribed = false;
    this.keptBytes = Buffer.byteLength(body);
    for (const [name, value] of Object.entries(attributes)) this.keptBytes += 2 * (name.length + value.length);
  }

  /** Returns the row. Parses the event's text at the first call after `publish`. */
  view(): EventRow {
    if (this.body === undefined || this.isDescribed) return this.row;
    this.isDescribed = true;
    const { body } = this;
    const type = typeOf(body) || this.row.type;
    const text = body.slice(0, ROW_TEXT);
    this.row = {
      ...this.row,
      type,
      bytes: Buffer.byteLength(body),
      text,
      isCut: text !== body || Object.keys(this.attributes).length > 0,
    };
    return this.row;
  }

  /** Returns whether the text, or an attribute as `name=value`, contains this lowercase text. */
  includes(wanted: string): boolean {
    const attributes = Object.entries(this.attributes).map(([name, value]) => `${name}=${value}`);
    return [this.body ?? "", ...attributes].some((text) => text.toLowerCase().includes(wanted));
  }

  /** Discards the text and the attributes to free memory. */
  forgetBody(): void {
    this.view();
    this.body = undefined;
    this.attributes = {};
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
        ...(row.type === "" && { type: String(detail[PARTITION_KEY] ?? "") }),
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

function typeOf(body: string): string {
  try {
    const { type } = Object(JSON.parse(body)) as { type?: unknown };
    return typeof type === "string" ? type.slice(0, MAX_TYPE) : "";
  } catch {
    return ""; // Not JSON: the trace shows the rejection.
  }
}
