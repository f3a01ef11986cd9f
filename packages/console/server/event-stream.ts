import type { ServerResponse } from "node:http";
import type { Depths, Hello, SourcesState, StreamUpdate } from "../api";
import type { EventLog } from "./event-log";

/** Milliseconds between two checks for changes while a page is connected. */
const TICK_MS = 100;
/** Milliseconds between two heartbeats. The page shows a warning after 4 s without a message. */
const HEARTBEAT_MS = 1_000;
/** Milliseconds until a page that does not read is disconnected. It can resume later. */
const STUCK_MS = 30_000;
/** Maximum number of connected pages. */
export const MAX_PAGES = 32;

/** A connected page. Rows that the page has not read stay in the log, so a slow page needs no buffer. */
interface Reader {
  readonly response: ServerResponse;
  /** Revision of the log that the page has received. */
  revision: number;
  /** Time at which the page stopped reading; undefined while it reads. */
  stuckSince: number | undefined;
  lastSentAt: number;
}

export interface EventStreamOptions {
  readonly log: EventLog;
  readonly hello: Hello;
  /** Returns the queue depths. Called for each update. */
  readonly depths: () => Depths;
  /** Returns the state of a deployment's sources. Called for each update. */
  readonly sources?: () => SourcesState;
}

/** Sends changes to the connected pages as server-sent events, as fast as each page reads them. */
export class EventStream {
  private readonly readers = new Set<Reader>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: EventStreamOptions) {}

  /** Number of connected pages. */
  get size(): number {
    return this.readers.size;
  }

  /**
   * Connects a page: sends a stream until the page disconnects.
   *
   * @param lastEventId - ID of the last message that the page received before it lost the connection.
   */
  connect(response: ServerResponse, lastEventId = ""): void {
    const { hello, log } = this.options;
    const [, lastRun, revision] = /^([\w-]+)\.(\d{1,15})$/.exec(lastEventId) ?? [];
    const isKnown = lastRun === hello.run && Number(revision) <= log.revision;
    const reader: Reader = {
      response,
      revision: isKnown ? Number(revision) : 0,
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

  /** @param written - JSON of the changed rows, by revision. Pages at the same revision share it. */
  private update(reader: Reader, written = new Map<number, string>()): void {
    const { log } = this.options;
    const now = performance.now();
    if (reader.stuckSince !== undefined) {
      if (now - reader.stuckSince > STUCK_MS) reader.response.destroy();
      return;
    }
    const isDue = reader.revision < log.revision || now - reader.lastSentAt >= HEARTBEAT_MS;
    if (!isDue) return;
    const { rows, revision, more } = log.changesSince(reader.revision);
    const json = written.get(reader.revision) ?? JSON.stringify(rows);
    written.set(reader.revision, json);
    reader.revision = revision;
    const { counts, subscribers, seq: newestSeq } = log;
    const sources = this.options.sources?.();
    const depths = this.options.depths();
    const rest: Omit<StreamUpdate, "rows"> = {
      counts,
      subscribers,
      depths,
      more,
      newestSeq,
      ...(sources && { sources }),
    };
    this.send(reader, "update", `{"rows":${json},${JSON.stringify(rest).slice(1)}`);
    // Sends the rest in the next iteration of the event loop, so that the pipeline is not blocked.
    if (more && reader.stuckSince === undefined) setImmediate(() => this.readers.has(reader) && this.update(reader));
  }

  private send(reader: Reader, event: string, data: string): void {
    const id = `${this.options.hello.run}.${reader.revision}`;
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
