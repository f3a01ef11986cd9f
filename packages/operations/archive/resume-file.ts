import { readFile, rename, writeFile } from "node:fs/promises";
import { OperationError, UsageError } from "../errors";
import type { ArchivePosition } from "./archived-records";
import { NO_COUNTS, type ReplayCounts } from "./replay-counts";

/** The options of a replay. Resuming with different options would skip events. */
export interface ReplayScope {
  readonly bucket: string;
  readonly queueUrl: string;
  readonly since: string | null;
  readonly until: string;
  readonly type: string | null;
  readonly missing: boolean;
}

export interface ResumeFileContents {
  readonly scope: ReplayScope;
  readonly place: ArchivePosition | null;
  readonly counts: ReplayCounts;
  readonly finished: boolean;
}

/**
 * Reads the file that keeps a replay's position, or creates it. Another process can resume the replay with the file.
 *
 * @param scope - The replay's options. `until` defaults to the value in the file; in a new file, to now.
 * @throws UsageError when the file is not a resume file, or belongs to a replay with other options.
 */
export async function openResumeFile(
  path: string,
  scope: Omit<ReplayScope, "until"> & { readonly until: string | undefined },
): Promise<ResumeFileContents> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new UsageError(`Cannot read ${path}: ${error.message}`, { cause: error });
  });
  if (text === undefined) {
    const complete = { ...scope, until: scope.until ?? new Date().toISOString() };
    const contents = { scope: complete, place: null, counts: NO_COUNTS, finished: false };
    // If the file cannot be written, the replay fails before it sends the first event.
    await saveResumeFile(path, contents);
    return contents;
  }
  const contents = parse(path, text);
  const wanted: ReplayScope = { ...scope, until: scope.until ?? contents.scope.until };
  for (const name of Object.keys(wanted) as (keyof ReplayScope)[]) {
    if (contents.scope[name] === wanted[name]) continue;
    throw new UsageError(
      `${path} belongs to another replay: its ${name} is ${contents.scope[name]}, not ${wanted[name]}. Give the same options, or another --resume file.`,
    );
  }
  return contents;
}

/** Replaces the file atomically. */
export async function saveResumeFile(path: string, contents: ResumeFileContents): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeFile(draft, `${JSON.stringify(contents, undefined, 2)}\n`, { flush: true });
    await rename(draft, path);
  } catch (cause) {
    throw new OperationError(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

function parse(path: string, text: string): ResumeFileContents {
  try {
    const { scope, place, counts, finished } = JSON.parse(text) as ResumeFileContents;
    const isPosition = place === null || (typeof place.key === "string" && Number.isInteger(place.index));
    const isValid = typeof scope.until === "string" && typeof finished === "boolean" && typeof counts.sent === "number";
    if (isPosition && isValid) return { scope, place, counts: { ...NO_COUNTS, ...counts }, finished };
  } catch {
    // Invalid JSON gets the same error as other text, below.
  }
  throw new UsageError(`${path} is not a resume file from archive replay. Give another file name with --resume.`);
}
