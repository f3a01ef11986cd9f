import { randomBytes } from "node:crypto";

/** What a group keeps; the oldest lines go first. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** CloudWatch Logs counts this for each event, beside its message. */
const EVENT_OVERHEAD_BYTES = 26;

export interface LogEvent {
  /** Position among all events of the group, from 1. */
  readonly sequence: number;
  /** Epoch milliseconds at which the line was read. */
  readonly timestamp: number;
  readonly logStreamName: string;
  readonly message: string;
  readonly bytes: number;
}

/** The last lines of a function, in memory. One stream holds them all; on AWS each execution environment has its own. */
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

  /** Oldest first. */
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

/** The groups that the functions of a run write to. */
export class LogGroups {
  private readonly groupsByName = new Map<string, LogGroup>();

  constructor(
    private readonly region: string,
    private readonly accountId: string,
  ) {}

  /** The group of that name; made when it is not there. */
  create(name: string): LogGroup {
    const arn = `arn:aws:logs:${this.region}:${this.accountId}:log-group:${name}`;
    const group = this.groupsByName.get(name) ?? new LogGroup(name, arn);
    this.groupsByName.set(name, group);
    return group;
  }

  /** @param identifier - The group's name, or its ARN with or without `:*`. */
  find(identifier: string): LogGroup | undefined {
    const byArn = this.all().find(({ arn }) => arn === identifier || `${arn}:*` === identifier);
    return this.groupsByName.get(identifier) ?? byArn;
  }

  /** By name. */
  all(): LogGroup[] {
    return [...this.groupsByName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
