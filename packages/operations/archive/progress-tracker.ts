import type { ArchivePosition, ArchiveProgress } from "./archived-records";

/** The maximum number of objects to keep for the next run. It bounds the size of the resume file. */
const MAX_LEFT = 10_000;

/**
 * Tracks how far a replay has come. The progress never passes a record that is not done: either the position stays
 * before the record, or the record's object is kept for the next run.
 */
export class ProgressTracker {
  private position: ArchivePosition | undefined;
  /** The position that this run has reached. It is before `position` while objects of an earlier run are read again. */
  private reached: ArchivePosition | undefined;
  private readonly left = new Set<string>();
  private isUnbroken = true;
  private isAtEnd = false;

  constructor(private readonly before: ArchiveProgress) {
    this.position = before.position;
  }

  /** Keeps an object for the next run. */
  leave(key: string): void {
    if (this.left.size < MAX_LEFT) this.left.add(key);
    // The position stays before the object.
    else if (!this.left.has(key)) this.isUnbroken = false;
  }

  /**
   * Records the end of a group of records. Groups are recorded in order.
   *
   * @param position - The last record that is done; undefined if none is.
   * @param isComplete - True if every record of the group is done.
   */
  advance(position: ArchivePosition | undefined, isComplete: boolean): void {
    if (!this.isUnbroken) return;
    this.isUnbroken = isComplete;
    if (!position) return;
    this.reached = position;
    if (!this.position || compare(position, this.position) > 0) this.position = position;
  }

  /** Records that the archive was read to its end, and that every group was recorded. */
  end(): void {
    this.isAtEnd = this.isUnbroken;
  }

  /** True if nothing is left to do. */
  get isFinished(): boolean {
    return this.isAtEnd && this.left.size === 0;
  }

  get progress(): ArchiveProgress {
    const { reached, isAtEnd, position } = this;
    const notReached = this.before.left.filter((key) => !isAtEnd && !(reached && key < reached.key));
    return { position, left: [...new Set([...notReached, ...this.left])].sort() };
  }
}

function compare(one: ArchivePosition, other: ArchivePosition): number {
  if (one.key === other.key) return one.index - other.index;
  return one.key < other.key ? -1 : 1;
}
