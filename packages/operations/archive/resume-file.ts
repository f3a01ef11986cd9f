import { open, readFile, rename } from "node:fs/promises";
import { OperationError, UsageError } from "../errors";
import type { Place } from "./archived-records";
import { NO_COUNTS, type ReplayCounts } from "./replay";

/** Which replay a file is of: going on with another one would skip events. */
export interface ReplayScope {
  readonly bucket: string;
  readonly queueUrl: string;
  readonly since: string | null;
  readonly until: string;
  readonly type: string | null;
  readonly missing: boolean;
}

interface Contents {
  readonly scope: ReplayScope;
  readonly place: Place | null;
  readonly counts: ReplayCounts;
  readonly finished: boolean;
}

/** Keeps how far a replay is, so that another process can go on. */
export class ResumeFile {
  private constructor(
    private readonly path: string,
    readonly contents: Contents,
  ) {}

  /**
   * The file, or the beginning of one. A replay that goes on keeps the end of
   * its span, unless another is given.
   *
   * @param scope - Of the replay that is asked for; without `until` it ends where the file says, or now.
   * @throws UsageError when the file is no such file, or of another replay.
   */
  static async open(
    path: string,
    scope: Omit<ReplayScope, "until"> & { until: string | undefined },
  ): Promise<ResumeFile> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw new UsageError(`Cannot read ${path}: ${error.message}`, { cause: error });
    });
    if (text === undefined) {
      const whole = { ...scope, until: scope.until ?? new Date().toISOString() };
      const file = new ResumeFile(path, { scope: whole, place: null, counts: NO_COUNTS, finished: false });
      // Before the first event is sent: a file that cannot be written is no help later.
      await file.save(undefined, NO_COUNTS, false);
      return file;
    }
    const contents = parse(path, text);
    const wanted: ReplayScope = { ...scope, until: scope.until ?? contents.scope.until };
    for (const name of Object.keys(wanted) as (keyof ReplayScope)[]) {
      if (contents.scope[name] === wanted[name]) continue;
      throw new UsageError(
        `${path} is of a replay whose ${name} is ${contents.scope[name]}, and this one's is ${wanted[name]}. Give the same options, or another file.`,
      );
    }
    return new ResumeFile(path, contents);
  }

  /** Replaces the file at once: whoever reads it, after a kill too, reads the old one or the new one. */
  async save(place: Place | undefined, counts: ReplayCounts, finished: boolean): Promise<void> {
    const contents: Contents = { scope: this.contents.scope, place: place ?? null, counts, finished };
    const draft = `${this.path}.new`;
    try {
      const file = await open(draft, "w");
      try {
        await file.writeFile(`${JSON.stringify(contents, undefined, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch (cause) {
      throw new OperationError(`Cannot write ${this.path}: ${(cause as Error).message}`, { cause });
    }
  }
}

function parse(path: string, text: string): Contents {
  try {
    const { scope, place, counts, finished } = JSON.parse(text) as Contents;
    const isPlace = place === null || (typeof place.key === "string" && Number.isInteger(place.index));
    if (
      typeof scope.until === "string" &&
      isPlace &&
      typeof finished === "boolean" &&
      typeof counts.sent === "number"
    ) {
      // A file of an earlier version lacks what was not counted then.
      return { scope, place, counts: { ...NO_COUNTS, ...counts }, finished };
    }
  } catch {
    // Said below.
  }
  throw new UsageError(`${path} is not a file that a replay has written. Give another name.`);
}
