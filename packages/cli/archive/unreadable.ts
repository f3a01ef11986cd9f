import type { Unreadable } from "@event-pipeline/operations/archive/archived-records";
import type { Output } from "../output";

/** Lines that are said; of more only the number. */
const MAX_SAID = 20;

/** Says of what cannot be read where it is, and counts it. */
export class UnreadableNotes {
  count = 0;

  constructor(private readonly output: Output) {}

  readonly add = ({ key, line, reason }: Unreadable): void => {
    this.count += 1;
    if (this.count > MAX_SAID) return;
    this.output.note(`${key}${line === undefined ? "" : `, line ${line}`}: ${reason}`);
  };

  end(): void {
    if (this.count > 0) this.output.note(`${this.count} objects or lines could not be read.`);
  }
}
