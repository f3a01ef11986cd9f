import type { ServerResponse } from "node:http";
import type { Depths, Hello, StreamUpdate } from "../api";
import type { EventLog } from "./event-log";

/** Interval in milliseconds of updates while a page is connected. */
const TICK_MS = 100;
/** Interval in milliseconds of heartbeats. The page reports a longer silence. */
const HEARTBEAT_MS = 1_000;
/** Milliseconds after which a reader that does not read is disconnected; it can resume later. */
const STUCK_MS = 30_000;
/** Maximum number of connected pages. */
export const MAX_READERS = 32;

/** A connected page. Rows that it has not read yet stay in the log, so a slow page uses no memory. */
interface Reader {
  readonly response: ServerResponse;
  /** Revision of the log up to which the page is up to date. */
  revision: number;
  /** Number of events that the page received, or was told that it missed. */
  accounted: number;
  /** Start of the time in which the page does not read; undefined while it does. */
  stuckSince: number | undefined;
  lastSentAt: number;
}

export interface EventStreamProps {
  readonly log: EventLog;
  readonly hello: Hello;
  /** Called for each message. */
  readonly depths: () => Depths;
  readonly trouble?: () => string | undefined;
}

/** Sends changes to every page as server-sent events, at the pace at which the page reads them. */
export class EventStream {
  private readonly readers = new Set<Reader>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly props: EventStreamProps) {}

  /** Number of connected pages. */
  get size(): number {
    return this.readers.size;
  }

  /**
   * Answers a request with an endless stream.
   *
   * @param lastEventId - ID of the last message that the page received before it lost the connection.
   */
  connect(response: ServerResponse, lastEventId = ""): void {
    const { hello, log } = this.props;
    const [, lastRun, revision, accounted] = /^([\w-]+)\.(\d{1,15})\.(\d{1,15})$/.exec(lastEventId) ?? [];
    const isKnown = lastRun === hello.run && Number(revision) <= log.revision;
    const reader: Reader = {
      response,
      revision: isKnown ? Number(revision) : 0,
      // A new page does not miss the events that were discarded before.
      accounted: isKnown ? Number(accounted) : log.forgotten,
      stuckSince: undefined,
      lastSentAt: 0,
    };
    this.readers.add(reader);
    response.on("close", () => this.leave(reader));
    response.on("drain", () => {
      reader.stuckSince = undefined;
      this.update(reader);
    });
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    this.send(reader, "hello", JSON.stringify(hello));
    this.update(reader);
    this.timer ??= setInterval(() => {
      const written = new Map<number, string>();
      for (const other of this.readers) this.update(other, written);
    }, TICK_MS).unref();
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.timer);
    for (const { response } of this.readers) response.end();
  }

  /** @param written - JSON of rows by revision, shared by pages at the same revision. */
  private update(reader: Reader, written = new Map<number, string>()): void {
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
    const depths = this.props.depths();
    const rest: Omit<StreamUpdate, "rows"> = { counts, depths, more, dropped, ...(trouble && { trouble }) };
    this.send(reader, "update", `{"rows":${json},${JSON.stringify(rest).slice(1)}`);
    // The rest follows in the next turn of the event loop, so that the pipeline is not blocked.
    if (more && reader.stuckSince === undefined) setImmediate(() => this.readers.has(reader) && this.update(reader));
  }

  private send(reader: Reader, event: string, data: string): void {
    const id = `${this.props.hello.run}.${reader.revision}.${reader.accounted}`;
    reader.lastSentAt = performance.now();
    const isRead = reader.response.write(`event: ${event}\ndata: ${data}\nid: ${id}\n\n`);
    if (!isRead) reader.stuckSince ??= performance.now();
  }

  private leave(reader: Reader): void {
    this.readers.delete(reader);
    if (this.readers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
