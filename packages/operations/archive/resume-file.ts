import { open, readFile, rename } from "node:fs/promises";
import { OperationError, UsageError } from "../errors";
import type { RecordPosition } from "./archived-records";
import { NO_COUNTS, type ReplayCounts } from "./replay-counts";

/** The options of a replay. Resuming with others would skip events. */
export interface ReplayScope {
  readonly bucket: string;
  readonly queueUrl: string;
  readonly since: string | null;
  readonly until: string;
  readonly type: string | null;
  readonly missing: boolean;
}

interface ResumeFileContents {
  readonly scope: ReplayScope;
  readonly place: RecordPosition | null;
  readonly counts: ReplayCounts;
  readonly finished: boolean;
}

/** Keeps the position of a replay, so that another process can resume it. */
export class ResumeFile {
  private constructor(
    private readonly path: string,
    readonly contents: ResumeFileContents,
  ) {}

  /**
   * Opens a resume file, or creates one.
   *
   * @param scope - The replay's options. Without `until`, the file's end of the span applies, or now for a new file.
   * @throws UsageError when the file is not a resume file, or belongs to a replay with other options.
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
      const complete = { ...scope, until: scope.until ?? new Date().toISOString() };
      const file = new ResumeFile(path, { scope: complete, place: null, counts: NO_COUNTS, finished: false });
      // Fails before the first event is sent if the file cannot be written.
      await file.save(undefined, NO_COUNTS, false);
      return file;
    }
    const contents = parse(path, text);
    const wanted: ReplayScope = { ...scope, until: scope.until ?? contents.scope.until };
    for (const name of Object.keys(wanted) as (keyof ReplayScope)[]) {
      if (contents.scope[name] === wanted[name]) continue;
      throw new UsageError(
        `${path} belongs to another replay: its ${name} is ${contents.scope[name]}, not ${wanted[name]}. Give the same options, or another file.`,
      );
    }
    return new ResumeFile(path, contents);
  }

  /** Replaces the file atomically. */
  async save(position: RecordPosition | undefined, counts: ReplayCounts, finished: boolean): Promise<void> {
    const contents: ResumeFileContents = { scope: this.contents.scope, place: position ?? null, counts, finished };
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

function parse(path: string, text: string): ResumeFileContents {
  try {
    const { scope, place, counts, finished } = JSON.parse(text) as ResumeFileContents;
    const isPosition = place === null || (typeof place.key === "string" && Number.isInteger(place.index));
    const isValid = typeof scope.until === "string" && typeof finished === "boolean" && typeof counts.sent === "number";
    if (isPosition && isValid) return { scope, place, counts: { ...NO_COUNTS, ...counts }, finished };
  } catch {
    // Any other text is refused below.
  }
  throw new UsageError(`${path} is not a resume file of archive replay. Give another name with --resume.`);
}
