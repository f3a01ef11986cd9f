import { randomBytes } from "node:crypto";
import type { Clock } from "../clock";

/** Limits of a log group. The oldest lines are dropped first. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Bytes that CloudWatch Logs adds to the size of each event. */
const EVENT_OVERHEAD_BYTES = 26;

export interface LogEvent {
  /** Number of the event in its log group, starting at 1. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
  readonly bytes: number;
}

/** The last log lines of a function, in one log stream. On AWS, each execution environment has its own log stream. */
export class LogGroup {
  readonly createdAt: number;
  readonly streamName: string;
  /** Log events, oldest first. */
  readonly events: LogEvent[] = [];
  storedBytes = 0;
  private sequence = 0;

  /** @param onPut - Called with each line. */
  constructor(
    readonly name: string,
    readonly arn: string,
    private readonly clock: Clock,
    private readonly onPut: (line: string) => void = () => undefined,
  ) {
    this.createdAt = clock.now();
    const day = new Date(this.createdAt).toISOString().slice(0, 10).replaceAll("-", "/");
    this.streamName = `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
  }

  put(message: string, timestamp = this.clock.now()): void {
    const bytes = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    const { events } = this;
    events.push({ sequence: ++this.sequence, timestamp, message, bytes });
    this.storedBytes += bytes;
    while (events.length > MAX_EVENTS || this.storedBytes > MAX_BYTES) this.storedBytes -= events.shift()?.bytes ?? 0;
    this.onPut(message);
  }
}
