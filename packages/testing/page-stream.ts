import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { EventRow, Hello, StreamUpdate } from "@event-pipeline/console/api";
import { ServerSentEvents } from "@event-pipeline/console/page/server-sent-events";

/** A client of the live page's event stream. */
export class PageStream {
  readonly rows = new Map<string, EventRow>();
  batches = 0;
  last: StreamUpdate | undefined;
  lastEventId = "";
  readonly hello: Promise<Hello>;
  /** Resolves when all earlier events have arrived. */
  readonly caughtUp: Promise<void>;
  private readonly listeners = new Set<() => void>();
  private greet: (hello: Hello) => void = () => undefined;
  private catchUp: () => void = () => undefined;

  private constructor(
    private readonly sent: ClientRequest,
    response: IncomingMessage,
  ) {
    this.hello = new Promise((resolve) => {
      this.greet = resolve;
    });
    this.caughtUp = new Promise((resolve) => {
      this.catchUp = resolve;
    });
    const events = new ServerSentEvents();
    response.setEncoding("utf8").on("data", (text: string) => {
      for (const { event, data, id } of events.push(text)) {
        this.lastEventId = id ?? this.lastEventId;
        if (event === "hello") this.greet(JSON.parse(data) as Hello);
        else this.take(JSON.parse(data) as StreamUpdate);
      }
    });
    response.on("error", () => undefined); // Expected when the test closes the stream or the run ends.
  }

  /** @throws Error if the response's status is not 200. */
  static async open(pageUrl: string, headers: Readonly<Record<string, string>> = {}): Promise<PageStream> {
    const { origin, hash } = new URL(pageUrl);
    const token = new URLSearchParams(hash.slice(1)).get("token");
    return new Promise((resolve, reject) => {
      const all = { ...(token && { authorization: `Bearer ${token}` }), ...headers };
      const sent = request(`${origin}/api/stream`, { headers: all }, (response) => {
        if (response.statusCode === 200) resolve(new PageStream(sent, response));
        else {
          response.resume();
          reject(new Error(`The stream responded with status ${response.statusCode}.`));
        }
      });
      sent.once("error", reject).end();
    });
  }

  /** Resolves when `holds` returns true. Checks it after each batch. */
  async until(holds: () => boolean, timeoutMs = 20_000): Promise<void> {
    let check: () => void = () => undefined;
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`The page did not reach the expected state: ${JSON.stringify(this.last)}`));
      const timer = setTimeout(fail, timeoutMs);
      check = () => {
        if (!holds()) return;
        clearTimeout(timer);
        resolve();
      };
      this.listeners.add(check);
      check();
    }).finally(() => this.listeners.delete(check));
  }

  async rowWhere(messageId: string, holds: (row: EventRow) => boolean, timeoutMs?: number): Promise<EventRow> {
    const isReached = () => {
      const row = this.rows.get(messageId);
      return row !== undefined && holds(row);
    };
    await this.until(isReached, timeoutMs);
    return this.rows.get(messageId) as EventRow;
  }

  close(): void {
    this.sent.destroy();
  }

  private take(batch: StreamUpdate): void {
    this.batches += 1;
    this.last = batch;
    for (const row of batch.rows) this.rows.set(row.messageId, row);
    if (!batch.more) this.catchUp();
    for (const listener of this.listeners) listener();
  }
}
