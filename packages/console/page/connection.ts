import type { ApiErrorBody, Hello, StreamUpdate } from "../api";
import type { ApiClient } from "./api-client";
import { ServerSentEvents } from "./server-sent-events";

export type ConnectionState =
  | "connecting"
  | "live"
  /** Connected, but the server has sent nothing for 4 s. */
  | "stale"
  /** Disconnected; the page reconnects. */
  | "closed"
  /** The token is missing or wrong. */
  | "refused";

/** Milliseconds without a message until the connection is stale. The server sends a heartbeat every second. */
const STALE_MS = 4_000;
const RECONNECT_AFTER_MS = 15_000;
/** Milliseconds until a hidden page disconnects. All tabs of a browser share six connections to the server. */
const HIDDEN_MS = 10_000;
const RETRY_MS = [250, 500, 1_000, 2_000];

export interface ConnectionOptions {
  readonly api: ApiClient;
  readonly onHello: (hello: Hello) => void;
  readonly onUpdate: (update: StreamUpdate) => void;
  /** Called after a change of `state` or `reason`. */
  readonly onState: () => void;
}

/** Reads the server's stream, and resumes it after an interruption. */
export class Connection {
  state: ConnectionState = "connecting";
  /** Error message from the server, if it sent one. */
  reason: string | undefined;
  private lastEventId: string | undefined;
  private attempt: AbortController | undefined;
  private failures = 0;
  private lastReceivedAt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    document.addEventListener("visibilitychange", () => this.visibilityChanged());
    setInterval(() => this.watch(), 1_000);
    void this.open();
  }

  private async open(): Promise<void> {
    clearTimeout(this.retryTimer);
    this.attempt?.abort();
    const attempt = new AbortController();
    this.attempt = attempt;
    this.lastReceivedAt = performance.now();
    // The promise is rejected if the server closed the connection or cannot be reached.
    const refusal = await this.read(attempt.signal).catch(() => undefined);
    if (attempt.signal.aborted) return;
    this.setState(refusal?.status === 401 ? "refused" : "closed", refusal?.error);
    if (this.state === "refused" || document.hidden) return;
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.retryTimer = setTimeout(() => void this.open(), delay);
  }

  /** Reads the stream to its end. Returns the server's error if the response is not a stream. */
  private async read(signal: AbortSignal): Promise<(ApiErrorBody & { readonly status: number }) | undefined> {
    const resume = this.lastEventId !== undefined && { "last-event-id": this.lastEventId };
    const headers = { ...this.options.api.authorization, ...resume };
    const response = await fetch("/api/stream", { signal, cache: "no-store", headers });
    if (!response.ok || !response.body) return { status: response.status, ...(await response.json()) };
    const events = new ServerSentEvents();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return undefined;
      this.lastReceivedAt = performance.now();
      for (const { event, data, id } of events.push(value)) {
        this.failures = 0;
        if (event === "hello") this.options.onHello(JSON.parse(data) as Hello);
        else if (event === "update") this.options.onUpdate(JSON.parse(data) as StreamUpdate);
        this.lastEventId = id ?? this.lastEventId;
        this.setState("live");
      }
    }
  }

  private watch(): void {
    if (document.hidden || (this.state !== "live" && this.state !== "stale")) return;
    const silence = performance.now() - this.lastReceivedAt;
    if (silence > STALE_MS) this.setState("stale");
    if (silence > RECONNECT_AFTER_MS) void this.open();
  }

  private visibilityChanged(): void {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) this.hiddenTimer = setTimeout(() => this.attempt?.abort(), HIDDEN_MS);
    else if (this.attempt?.signal.aborted || this.state === "closed") void this.open();
  }

  private setState(state: ConnectionState, reason?: string): void {
    if (state === this.state && reason === undefined) return;
    this.state = state;
    this.reason = reason;
    this.options.onState();
  }
}
