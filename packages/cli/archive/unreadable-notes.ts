import type { Unreadable } from "@event-pipeline/operations/archive/archived-records";
import type { Output } from "../output";

/** The maximum number of printed notes. Further notes are only counted. */
const MAX_PRINTED = 20;

/** Prints and counts objects and lines in the archive that cannot be read. */
export class UnreadableNotes {
  count = 0;

  constructor(private readonly output: Output) {}

  readonly add = ({ key, line, reason }: Unreadable): void => {
    this.count += 1;
    if (this.count > MAX_PRINTED) return;
    this.output.note(`${key}${line === undefined ? "" : `, line ${line}`}: ${reason}`);
  };

  printTotal(): void {
    if (this.count > 0) this.output.note(`${this.count} objects or lines could not be read.`);
  }
}
