import type { IntakeRecord, IntakeTable } from "./intake-table";

/** @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
const MAX_RECORD_BYTES = 1_000 * 1024;

/** What waits to be delivered by one stream, in the order in which it came. */
export class Intake {
  private readonly records: IntakeRecord[];
  private waiting: (() => void) | undefined;

  constructor(
    private readonly streamArn: string,
    private readonly table: IntakeTable | undefined,
    private readonly nextId: () => number,
  ) {
    this.records = table?.recordsOf(streamArn) ?? [];
  }

  /** Records that are gathered. */
  get size(): number {
    return this.records.length;
  }

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  /** Why it cannot take the record; undefined when it has it. */
  put(text: string): string | undefined {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_RECORD_BYTES) {
      return `the record has ${bytes} bytes and ${this.streamArn} takes ${MAX_RECORD_BYTES}`;
    }
    this.add(text);
    return undefined;
  }

  /** Takes a record of any size. */
  add(text: string): void {
    const record = { id: this.nextId(), text };
    this.table?.insert(this.streamArn, record);
    this.records.push(record);
    this.wake();
  }

  /** The first records, of at most so many bytes together, and of one at least. They stay until they are removed. */
  first(maxBytes: number): readonly IntakeRecord[] {
    let bytes = 0;
    const end = this.records.findIndex(({ text }, index) => {
      bytes += Buffer.byteLength(text);
      return bytes > maxBytes && index > 0;
    });
    return end === -1 ? [...this.records] : this.records.slice(0, end);
  }

  /** Forgets the first records, once they are delivered. */
  remove(records: readonly IntakeRecord[]): void {
    this.table?.delete(records);
    this.records.splice(0, records.length);
  }

  /** Resolves when there is a record, or when `wake` is called. */
  async wait(): Promise<void> {
    if (!this.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.waiting = resolve;
    });
  }

  wake(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}
