/** A pipeline under load: where to publish, and when something arrives. */
export interface Subject {
  readonly endpoint: string;
  readonly topicArn: string;
  readonly tableName: string;
  readonly pid: number;
  readonly stored: StoredEvents;
  /** Milliseconds from the start of its process until it was ready. */
  readonly readyMs?: number;
  /** URL of its live page. */
  readonly page?: string;
  stop(): Promise<void>;
}

const PATIENCE_MS = 60_000;

/** Which events were stored, and when. */
export class StoredEvents {
  /** Event id → `performance.now()` at which it was known here. */
  readonly times = new Map<string, number>();
  private check: () => void = () => undefined;

  add(eventId: string): void {
    if (!this.times.has(eventId)) this.times.set(eventId, performance.now());
    this.check();
  }

  /** @throws Error when fewer than `count` are stored in a minute. */
  async until(count: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.check = () => this.times.size >= count && resolve();
      timer = setTimeout(
        () => reject(new Error(`${this.times.size} of ${count} events were stored in ${PATIENCE_MS / 1_000} s.`)),
        PATIENCE_MS,
      );
      this.check();
    }).finally(() => clearTimeout(timer));
    this.check = () => undefined;
  }
}
