import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { OperationError, UsageError } from "../errors";
import type { ArchiveProgress } from "./archived-records";
import { NO_COUNTS, type ReplayCounts } from "./replay-counts";

/** The options of a replay. Resuming with different options would skip events. */
export interface ReplayScope {
  readonly bucket: string;
  readonly queueUrl: string;
  readonly since: string | null;
  readonly until: string;
  readonly type: string | null;
  readonly missing: boolean;
  readonly refused: boolean;
}

export interface ResumeFileContents extends ArchiveProgress {
  readonly scope: ReplayScope;
  /** The start of the first run, in ISO 8601. The replay includes every object that the archive had then. */
  readonly startedAt: string;
  readonly counts: ReplayCounts;
  /** True if every event was read, and sent if the options select it. */
  readonly finished: boolean;
}

/** The file that keeps a replay's progress, so that another process can resume the replay. */
export class ResumeFile {
  private constructor(
    private readonly path: string,
    /** The contents when the file was opened. */
    readonly before: ResumeFileContents,
    /** Lets another replay use the file. */
    readonly close: () => Promise<void>,
  ) {}

  /**
   * Opens or creates the file. No other replay can use the file until it is closed.
   *
   * @param scope - The replay's options. `until` defaults to the value in the file; in a new file, to now.
   * @throws UsageError when the file is not a resume file, or belongs to a replay with other options; OperationError when
   * another replay uses the file, or when it cannot be written.
   */
  static async open(
    path: string,
    scope: Omit<ReplayScope, "until"> & { readonly until: string | undefined },
  ): Promise<ResumeFile> {
    const close = await lock(path);
    try {
      const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw new UsageError(`Cannot read ${path}: ${error.message}`, { cause: error });
      });
      const startedAt = new Date().toISOString();
      const file = new ResumeFile(
        path,
        found === undefined
          ? {
              scope: { ...scope, until: scope.until ?? startedAt },
              startedAt,
              position: undefined,
              left: [],
              counts: NO_COUNTS,
              finished: false,
            }
          : parse(path, found),
        close,
      );
      const { scope: inFile } = file.before;
      const wanted: ReplayScope = { ...scope, until: scope.until ?? inFile.until };
      for (const name of Object.keys(wanted) as (keyof ReplayScope)[]) {
        if (inFile[name] === wanted[name]) continue;
        throw new UsageError(
          `${path} belongs to another replay: ${differenceOf(name, inFile[name], wanted[name])}. Give the same options, or another --resume file.`,
        );
      }
      // If the file cannot be written, the replay fails before it sends the first event.
      if (found === undefined) await file.save(file.before);
      return file;
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** Replaces the contents atomically. */
  async save({ position, ...contents }: ResumeFileContents): Promise<void> {
    // A random name, so that no file of the user is overwritten.
    const draft = `${this.path}.${randomUUID()}`;
    try {
      await writeFile(draft, `${JSON.stringify({ ...contents, position: position ?? null }, undefined, 2)}\n`, {
        flag: "wx",
        flush: true,
      });
      await rename(draft, this.path);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw new OperationError(
        `Cannot write ${this.path}: ${(cause as Error).message}. The file keeps its last position.`,
        { cause },
      );
    }
  }
}

/** The options of the command, by the names in the file. */
const OPTIONS: Readonly<Partial<Record<keyof ReplayScope, string>>> = {
  since: "--since",
  until: "--until",
  type: "--type",
  missing: "--only-missing",
  refused: "--include-refused",
};

function differenceOf(name: keyof ReplayScope, inFile: unknown, wanted: unknown): string {
  if (typeof wanted === "boolean") return `it began ${wanted ? "without" : "with"} ${OPTIONS[name]}`;
  return `its ${OPTIONS[name] ?? name} is ${inFile ?? "absent"}, not ${wanted ?? "absent"}`;
}

function parse(path: string, text: string): ResumeFileContents {
  const invalid = (reason: string) =>
    new UsageError(
      `${path} is not a resume file from archive replay: ${reason}. Give another file name with --resume.`,
    );
  let contents: ResumeFileContents;
  try {
    contents = Object(JSON.parse(text));
  } catch (error) {
    throw invalid((error as Error).message);
  }
  const { scope, startedAt, position, left, counts, finished } = contents;
  for (const [name, time] of Object.entries({ until: scope?.until, startedAt })) {
    if (typeof time === "string" && !Number.isNaN(Date.parse(time))) continue;
    throw invalid(`its ${name} is ${JSON.stringify(time)}, not a time`);
  }
  const { key, index } = position ?? { key: "", index: 0 };
  const isValid =
    typeof key === "string" &&
    Number.isInteger(index) &&
    Array.isArray(left) &&
    left.every((each) => typeof each === "string") &&
    typeof finished === "boolean";
  if (!isValid) throw invalid("its progress is invalid");
  const known: ReplayCounts = { ...NO_COUNTS, ...counts };
  for (const [name, count] of Object.entries<unknown>({ ...known, sent: counts?.sent })) {
    if (Number.isInteger(count) && Number(count) >= 0) continue;
    throw invalid(`its ${name} is ${JSON.stringify(count)}, not a whole number from 0`);
  }
  return { scope, startedAt, position: position ?? undefined, left, counts: known, finished };
}

/** Milliseconds between two updates of a lock's modification time. */
const LOCK_UPDATE_MS = 10_000;
/** Milliseconds without an update after which a lock belongs to nobody. */
const LOCK_TIMEOUT_MS = 60_000;

interface LockHolder {
  readonly pid: number;
  readonly host: string;
}

/**
 * Locks a resume file with a file next to it. The lock of a process that was killed ends at once on the same machine, or
 * after a minute if the process cannot be identified. Two replays with one file would send events twice, but not skip any.
 *
 * @returns a function that ends the lock.
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const own: LockHolder = { pid: process.pid, host: hostname() };
  for (;;) {
    try {
      await writeFile(file, JSON.stringify(own), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        await rm(file, { force: true }).catch(() => undefined);
        throw new OperationError(`Cannot write ${file}: ${(error as Error).message}`, { cause: error });
      }
      await removeIfAbandoned(path, file);
    }
  }
  const update = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, LOCK_UPDATE_MS).unref();
  return async () => {
    clearInterval(update);
    await rm(file, { force: true }).catch(() => undefined);
  };
}

/** @throws OperationError if a running replay holds the lock; UsageError if the file is not a lock. */
async function removeIfAbandoned(path: string, file: string): Promise<void> {
  const [text, modified] = await Promise.all([readFile(file, "utf8"), stat(file)]).catch(() => []);
  // The holder has just removed its lock.
  if (text === undefined || !modified) return;
  const holder = holderIn(text);
  if (text !== "" && !holder) {
    throw new UsageError(`${file} is not a lock of archive replay. Give another file name with --resume.`);
  }
  const ageMs = Date.now() - modified.mtimeMs;
  const isAbandoned = ageMs > LOCK_TIMEOUT_MS || (holder?.host === hostname() && !isRunning(holder.pid));
  if (isAbandoned) return rm(file, { force: true });
  const seconds = Math.max(1, Math.ceil((LOCK_TIMEOUT_MS - ageMs) / 1_000));
  const who = holder ? ` (process ${holder.pid} on ${holder.host})` : "";
  throw new OperationError(
    `Another replay${who} uses ${path}. Wait until it ends, or give another --resume file. If it was killed, run this command again in ${seconds} s.`,
  );
}

function holderIn(text: string): LockHolder | undefined {
  try {
    const { pid, host } = Object(JSON.parse(text)) as LockHolder;
    return Number.isInteger(pid) && typeof host === "string" ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
