import type { ApiErrorBody, Hello, StreamUpdate } from "../api";
import { ServerSentEvents } from "./server-sent-events";

export type ConnectionState =
  | "connecting"
  | "live"
  /** Connected, but the server is silent. */
  | "stale"
  /** Disconnected; the page reconnects. */
  | "closed"
  /** The token is missing or wrong. */
  | "refused";

/** The server sends a heartbeat every second. */
const STALE_MS = 4_000;
const RECONNECT_AFTER_MS = 15_000;
/** Time that a hidden page stays connected: a browser shares six connections among all its tabs. */
const HIDDEN_MS = 10_000;
const RETRY_MS = [250, 500, 1_000, 2_000];

export interface ConnectionProps {
  readonly token: () => string | undefined;
  readonly onHello: (hello: Hello) => void;
  readonly onUpdate: (update: StreamUpdate) => void;
  /** @param reason - Error message of the server, if it sent one. */
  readonly onState: (state: ConnectionState, reason?: string) => void;
}

/** Reads the server's stream, and resumes it after an interruption. */
export class Connection {
  private lastEventId: string | undefined;
  private attempt: AbortController | undefined;
  private failures = 0;
  private lastReceivedAt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private state: ConnectionState = "connecting";

  constructor(private readonly props: ConnectionProps) {}

  start(): void {
    document.addEventListener("visibilitychange", () => this.visibilityChanged());
    setInterval(() => this.watch(), 1_000);
    void this.open();
  }

  private async open(): Promise<void> {
    clearTimeout(this.retryTimer);
    const attempt = new AbortController();
    this.attempt = attempt;
    this.lastReceivedAt = performance.now();
    try {
      await this.read(attempt.signal);
      if (!attempt.signal.aborted && this.state !== "refused") this.setState("closed");
    } catch {
      // The server closed the connection, or cannot be reached.
      if (!attempt.signal.aborted) this.setState("closed");
    }
    if (this.attempt !== attempt || this.state === "refused" || document.hidden) return;
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.retryTimer = setTimeout(() => void this.open(), delay);
  }

  private async read(signal: AbortSignal): Promise<void> {
    const token = this.props.token();
    const response = await fetch("/api/stream", {
      signal,
      cache: "no-store",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(this.lastEventId !== undefined && { "last-event-id": this.lastEventId }),
      },
    });
    if (!response.ok || !response.body) {
      const { error } = (await response.json()) as ApiErrorBody;
      this.setState(response.status === 401 ? "refused" : "closed", error);
      return;
    }
    const events = new ServerSentEvents();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.lastReceivedAt = performance.now();
      for (const { event, data, id } of events.push(value)) {
        this.failures = 0;
        if (event === "hello") this.props.onHello(JSON.parse(data) as Hello);
        else if (event === "update") this.props.onUpdate(JSON.parse(data) as StreamUpdate);
        this.lastEventId = id ?? this.lastEventId;
        this.setState("live");
      }
    }
  }

  private watch(): void {
    const silence = performance.now() - this.lastReceivedAt;
    if (document.hidden || (this.state !== "live" && this.state !== "stale")) return;
    if (silence > STALE_MS) this.setState("stale");
    if (silence <= RECONNECT_AFTER_MS) return;
    this.attempt?.abort();
    void this.open();
  }

  private visibilityChanged(): void {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) {
      this.hiddenTimer = setTimeout(() => this.attempt?.abort(), HIDDEN_MS);
    } else if (!this.attempt || this.attempt.signal.aborted || this.state === "closed") {
      void this.open();
    }
  }

  private setState(state: ConnectionState, reason?: string): void {
    if (state === this.state && reason === undefined) return;
    this.state = state;
    this.props.onState(state, reason);
  }
}
