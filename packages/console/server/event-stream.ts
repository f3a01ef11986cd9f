import type { ServerResponse } from "node:http";
import type { Batch, Depths, Hello } from "../api";
import type { EventLog } from "./event-log";

/** Milliseconds between two looks at what has changed, while somebody watches. */
const TICK_MS = 100;
/** Milliseconds after which a message is sent although nothing has changed: a page takes longer silence for an end. */
const HEARTBEAT_MS = 1_000;
/** Milliseconds after which a reader that takes nothing is let go; it can come back to where it was. */
const STUCK_MS = 30_000;
/** Pages at once. */
export const MAX_READERS = 32;

/** One page that reads along. What it has not taken yet is in the log alone: it costs no memory of its own. */
interface Reader {
  readonly response: ServerResponse;
  /** Of the log, up to which it has been told. */
  revision: number;
  /** Number of events that it has been told of, or told that it has missed. */
  accounted: number;
  /** Since when it takes no more; undefined while it does. */
  stuckSince: number | undefined;
  lastSentAt: number;
}

export interface EventStreamProps {
  readonly log: EventLog;
  readonly hello: Hello;
  /** Asked at each message. */
  readonly depths: () => Depths;
  readonly trouble?: () => string | undefined;
}

/** Tells every page what changes, as server-sent events; each at the pace at which it takes them. */
export class EventStream {
  private readonly readers = new Set<Reader>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly props: EventStreamProps) {}

  /** Pages that are connected. */
  get size(): number {
    return this.readers.size;
  }

  /**
   * Answers a request with a stream that does not end.
   *
   * @param lastEventId - Of the last message that a page had before it lost the connection.
   */
  connect(response: ServerResponse, lastEventId: string | undefined): void {
    const { run } = this.props.hello;
    const [, lastRun, revision, accounted] = /^([\w-]+)\.(\d{1,15})\.(\d{1,15})$/.exec(lastEventId ?? "") ?? [];
    const isKnown = lastRun === run && Number(revision) <= this.props.log.revision;
    const reader: Reader = {
      response,
      revision: isKnown ? Number(revision) : 0,
      // A page that comes for the first time misses nothing of what was before.
      accounted: isKnown ? Number(accounted) : this.props.log.forgotten,
      stuckSince: undefined,
      lastSentAt: 0,
    };
    this.readers.add(reader);
    response.on("close", () => this.leave(reader));
    response.on("drain", () => {
      reader.stuckSince = undefined;
      this.tell(reader);
    });
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    this.send(reader, "hello", this.props.hello);
    this.tell(reader);
    this.timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.timer);
    for (const { response } of this.readers) response.end();
  }

  private tick(): void {
    const written = new Map<number, string>();
    for (const reader of this.readers) this.tell(reader, written);
  }

  /** @param written - Rows behind a revision as JSON, for pages that are as far as another. */
  private tell(reader: Reader, written = new Map<number, string>()): void {
    const { log } = this.props;
    const now = performance.now();
    if (reader.stuckSince !== undefined) {
      if (now - reader.stuckSince > STUCK_MS) reader.response.destroy();
      return;
    }
    const isDue = reader.revision < log.revision || now - reader.lastSentAt >= HEARTBEAT_MS;
    if (!isDue) return;
    const { rows, revision, fresh, more } = log.changesSince(reader.revision);
    const json = written.get(reader.revision) ?? JSON.stringify(rows);
    written.set(reader.revision, json);
    reader.revision = revision;
    reader.accounted += fresh;
    const dropped = more ? 0 : Math.max(0, log.seq - reader.accounted);
    reader.accounted += dropped;
    const { counts } = log;
    const trouble = this.props.trouble?.();
    const batch: Omit<Batch, "rows"> = {
      counts,
      depths: this.props.depths(),
      more,
      dropped,
      ...(trouble && { trouble }),
    };
    this.write(reader, `event: batch\ndata: {"rows":${json},${JSON.stringify(batch).slice(1)}\n`);
    // The rest follows in a turn of its own, so that the pipeline gets its turns too.
    if (more && reader.stuckSince === undefined) setImmediate(() => this.readers.has(reader) && this.tell(reader));
  }

  private send(reader: Reader, event: string, data: object): void {
    this.write(reader, `event: ${event}\ndata: ${JSON.stringify(data)}\n`);
  }

  private write(reader: Reader, text: string): void {
    const id = `${this.props.hello.run}.${reader.revision}.${reader.accounted}`;
    reader.lastSentAt = performance.now();
    if (!reader.response.write(`${text}id: ${id}\n\n`)) reader.stuckSince ??= performance.now();
  }

  private leave(reader: Reader): void {
    this.readers.delete(reader);
    if (this.readers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
