import type { Hop } from "@event-pipeline/event-model/hop";
import { PARTITION_KEY } from "@event-pipeline/event-model/item/attributes";
import type { EventRow, EventStatus, RowStage, StageState } from "../api";

/** Characters of the text that a row has: enough to recognise an event, and to find it by. */
const ROW_TEXT = 1_024;
const MAX_TYPE = 300;
/** Hops of one event that are kept; one that is handed back for hours has thousands. */
const MAX_HOPS = 200;

/** A message as it was published. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One event of the log. It is linked in the order of change, the last changed last. */
export class Entry {
  private row: EventRow;
  private isDescribed = false;
  readonly hops: Hop[] = [];
  earlierHops = 0;
  body: string | undefined;
  attributes: Readonly<Record<string, string>> = {};
  /** Bytes of the body and the attributes that are kept. */
  keptBytes = 0;
  /** Of its latest change, and of its first. */
  revision = 0;
  firstRevision = 0;
  previous: Entry | undefined;
  next: Entry | undefined;

  constructor(
    seq: number,
    readonly messageId: string,
    at: number,
  ) {
    const stages: Record<RowStage, StageState> = {
      queue: "pending",
      function: "pending",
      table: "pending",
      archive: "pending",
    };
    this.row = {
      seq,
      messageId,
      eventId: messageId,
      type: "",
      at,
      text: "",
      isCut: false,
      status: "waiting",
      stages,
      failures: 0,
    };
  }

  publish({ body, attributes }: PublishedMessage): void {
    this.body = body;
    this.attributes = attributes;
    this.isDescribed = false;
    this.keptBytes = Buffer.byteLength(body);
    for (const [name, value] of Object.entries(attributes)) this.keptBytes += 2 * (name.length + value.length);
  }

  /** Its row; what takes time to tell of the text is told at the first call, for nobody may be looking. */
  view(): EventRow {
    if (this.body === undefined || this.isDescribed) return this.row;
    this.isDescribed = true;
    const { body } = this;
    const isCut = body.length > ROW_TEXT;
    const text = isCut ? body.slice(0, ROW_TEXT) : body;
    this.row = { ...this.row, type: typeOf(body) || this.row.type, bytes: Buffer.byteLength(body), text, isCut };
    return this.row;
  }

  /** Forgets the text, for others need the room. */
  forgetBody(): void {
    this.view();
    this.body = undefined;
    this.attributes = {};
    this.keptBytes = 0;
  }

  /** @param isOwn - Whether the hop is one of the consumer that stores events, or of nobody's. */
  hop(hop: Hop, isOwn: boolean): void {
    this.hops.push(hop);
    if (this.hops.length > MAX_HOPS) {
      // The first hops say how it began.
      this.hops.splice(2, 1);
      this.earlierHops += 1;
    }
    if (!isOwn) return;
    const { row } = this;
    this.row = { ...row, eventId: hop.eventId, ...changeBy(hop, row) };
  }
}

/** What a hop of its own changes in a row. */
function changeBy({ kind, at, detail }: Hop, row: EventRow): Partial<EventRow> {
  const { stages } = row;
  const latencyMs = at - row.at;
  switch (kind) {
    case "queued":
      // From the dead-letter queue too, once it is redriven.
      return { stages: { ...stages, queue: "done", function: "pending", table: "pending" }, status: "waiting" };
    case "processed":
      return { stages: { ...stages, queue: "done", function: "done" } };
    case "failed":
      return {
        stages: { ...stages, queue: "done", function: "failed" },
        failures: row.failures + 1,
        status: row.status === "dead" ? "dead" : "retrying",
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
        latencyMs,
        ...(detail.error_code !== undefined && { errorCode: String(detail.error_code) }),
      };
    case "archived":
      return { stages: { ...stages, archive: "done" } };
    case "filtered":
      return detail.stream === undefined
        ? {
            stages: { queue: "filtered", function: "filtered", table: "filtered", archive: stages.archive },
            status: filteredStatus(row),
          }
        : { stages: { ...stages, archive: "filtered" } };
    default:
      return {};
  }
}

function filteredStatus({ status }: EventRow): EventStatus {
  return status === "waiting" ? "filtered" : status;
}

function typeOf(body: string): string {
  try {
    const { type } = Object(JSON.parse(body)) as { type?: unknown };
    return typeof type === "string" ? type.slice(0, MAX_TYPE) : "";
  } catch {
    return ""; // It is no JSON; that is what its way will say.
  }
}
