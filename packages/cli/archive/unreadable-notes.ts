import type { Unreadable } from "@event-pipeline/operations/archive/archived-records";
import { type OperationError, PermissionError } from "@event-pipeline/operations/errors";
import { shellWord } from "@event-pipeline/operations/shell-word";
import { countOf, type Output } from "../output";

/** The maximum number of printed lines that are not events. Further lines are only counted. */
const MAX_LINES = 20;
/** The maximum number of keys that are printed for one reason. */
const MAX_KEYS = 3;

/** Objects that cannot be read for the same reason. */
interface UnreadObjects {
  readonly reason: string;
  readonly keys: string[];
  count: number;
}

/** Prints and counts objects and lines in the archive that cannot be read. Prints one note per reason for objects. */
export class UnreadableNotes {
  /** The number of objects and lines. */
  count = 0;
  /** The error of objects that the credentials do not allow to read. */
  denied: OperationError | undefined;
  /** The command that reads the first damaged object. */
  private readDamaged: string | undefined;
  private mayBeRead = 0;
  private lines = 0;
  private readonly objects = new Map<string, UnreadObjects>();

  /** @param awsCli - The AWS CLI with the options for the pipeline. */
  constructor(
    private readonly output: Output,
    private readonly awsCli: string,
  ) {}

  /** True if all that could not be read is damaged data, which another attempt cannot read either. */
  get areDamaged(): boolean {
    return this.count > 0 && this.mayBeRead === 0;
  }

  readonly add = ({ bucket, key, line, reason, error }: Unreadable): void => {
    this.count += 1;
    if (error) this.mayBeRead += 1;
    else this.readDamaged ??= `${this.awsCli} s3 cp ${shellWord(`s3://${bucket}/${key}`)} -`;
    if (line !== undefined) {
      this.lines += 1;
      if (this.lines <= MAX_LINES) this.output.note(`${key}, line ${line}: ${reason}`);
      return;
    }
    if (error instanceof PermissionError) this.denied ??= error;
    // Messages from AWS may contain the key, so objects are grouped by the name of the error.
    const group = error ? String((error.cause as Error | undefined)?.name ?? reason) : reason;
    const objects = this.objects.get(group) ?? { reason, keys: [], count: 0 };
    this.objects.set(group, objects);
    objects.count += 1;
    if (objects.keys.length < MAX_KEYS) objects.keys.push(key);
  };

  printTotal(): void {
    for (const { reason, keys, count } of this.objects.values()) {
      const which = count > keys.length ? `${keys.join(", ")} and ${count - keys.length} more` : keys.join(", ");
      this.output.note(`${countOf(count, "object")} could not be read completely: ${reason} ${which}`);
    }
    if (this.lines > 0)
      this.output.note(`${countOf(this.lines, "line")} could not be read, because the data is invalid.`);
    if (this.readDamaged) this.output.note(`To see the damaged data: ${this.readDamaged}`);
  }
}
