import { randomBytes } from "node:crypto";

/** Limits of a log group. The oldest lines are dropped first. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Overhead that CloudWatch Logs counts per event, in bytes. */
const EVENT_OVERHEAD_BYTES = 26;

export interface LogEvent {
  /** Position in the log group, from 1. */
  readonly sequence: number;
  /** Time at which the line was read, in epoch milliseconds. */
  readonly timestamp: number;
  readonly logStreamName: string;
  readonly message: string;
  readonly bytes: number;
}

/** The last log lines of a function, in memory. They share one stream; on AWS each execution environment has its own. */
export class LogGroup {
  readonly createdAt = Date.now();
  private readonly logStreamName: string;
  private readonly kept: LogEvent[] = [];
  private sequence = 0;
  private bytes = 0;

  constructor(
    readonly name: string,
    readonly arn: string,
  ) {
    const day = new Date(this.createdAt).toISOString().slice(0, 10).replaceAll("-", "/");
    this.logStreamName = `${day}/[$LATEST]${randomBytes(16).toString("hex")}`;
  }

  /** Events, the oldest first. */
  get events(): readonly LogEvent[] {
    return this.kept;
  }

  get storedBytes(): number {
    return this.bytes;
  }

  put(message: string): void {
    const bytes = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    const { logStreamName } = this;
    this.kept.push({ sequence: ++this.sequence, timestamp: Date.now(), logStreamName, message, bytes });
    this.bytes += bytes;
    while (this.kept.length > MAX_EVENTS || this.bytes > MAX_BYTES) this.bytes -= this.kept.shift()?.bytes ?? 0;
  }
}

/** The log groups of a run's functions. */
export class LogGroups {
  private readonly groupsByName = new Map<string, LogGroup>();

  constructor(
    private readonly region: string,
    private readonly accountId: string,
  ) {}

  /** Returns the group with a name, and creates it if necessary. */
  create(name: string): LogGroup {
    const arn = `arn:aws:logs:${this.region}:${this.accountId}:log-group:${name}`;
    const group = this.groupsByName.get(name) ?? new LogGroup(name, arn);
    this.groupsByName.set(name, group);
    return group;
  }

  /** Finds a group by its name, or by its ARN with or without `:*`. */
  find(identifier: string): LogGroup | undefined {
    const byArn = this.all().find(({ arn }) => arn === identifier || `${arn}:*` === identifier);
    return this.groupsByName.get(identifier) ?? byArn;
  }

  /** Returns all groups, sorted by name. */
  all(): LogGroup[] {
    return [...this.groupsByName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
