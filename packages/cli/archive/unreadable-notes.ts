import type { Unreadable } from "@event-pipeline/operations/archive/archived-records";
import type { Output } from "../output";

/** Notes that are printed; more are counted only. */
const MAX_PRINTED = 20;

/** Prints and counts what cannot be read in the archive. */
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
