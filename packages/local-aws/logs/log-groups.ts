import { randomBytes } from "node:crypto";
import { ACCOUNT_ID } from "../account";

/** Limits of a log group. The oldest lines are dropped first. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Bytes that CloudWatch Logs adds to the size of each event. */
const EVENT_OVERHEAD_BYTES = 26;

export interface LogEvent {
  /** Number of the event in its log group, starting at 1. */
  readonly sequence: number;
  /** Time at which the local run read the line, in epoch milliseconds. */
  readonly timestamp: number;
  readonly logStreamName: string;
  readonly message: string;
  readonly bytes: number;
}

/** A function's last log lines, in one log stream. On AWS, each execution environment has its own log stream. */
export class LogGroup {
  readonly createdAt = Date.now();
  /** Log events, oldest first. */
  readonly events: LogEvent[] = [];
  storedBytes = 0;
  private readonly logStreamName: string;
  private sequence = 0;

  constructor(
    readonly name: string,
    readonly arn: string,
  ) {
    const day = new Date(this.createdAt).toISOString().slice(0, 10).replaceAll("-", "/");
    this.logStreamName = `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
  }

  put(message: string): void {
    const bytes = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    const { events, logStreamName } = this;
    events.push({ sequence: ++this.sequence, timestamp: Date.now(), logStreamName, message, bytes });
    this.storedBytes += bytes;
    while (events.length > MAX_EVENTS || this.storedBytes > MAX_BYTES) this.storedBytes -= events.shift()?.bytes ?? 0;
  }
}

/** The log groups of the local run's functions. */
export class LogGroups {
  private readonly groupsByName = new Map<string, LogGroup>();

  constructor(private readonly region: string) {}

  /** Returns the log group with this name. Creates it if necessary. */
  getOrCreate(name: string): LogGroup {
    const arn = `arn:aws:logs:${this.region}:${ACCOUNT_ID}:log-group:${name}`;
    const group = this.groupsByName.get(name) ?? new LogGroup(name, arn);
    this.groupsByName.set(name, group);
    return group;
  }

  /** Finds a log group by its name, or by its ARN with or without `:*`. */
  find(identifier: string): LogGroup | undefined {
    const byArn = this.all().find(({ arn }) => arn === identifier || `${arn}:*` === identifier);
    return this.groupsByName.get(identifier) ?? byArn;
  }

  /** Returns all log groups, sorted by name. */
  all(): LogGroup[] {
    return [...this.groupsByName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
