import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DiskError, LocalRunError } from "@event-pipeline/local-aws/errors";
import { type Database, DatabaseSync } from "@event-pipeline/local-aws/fauxqs/node-sqlite";

const LOCK = "lock.db";
/** File with the process ID of the run that holds the lock, for the error message only. */
const HOLDER = "run.pid";

/** SQLite's code for a lock that another process holds. */
const SQLITE_BUSY = 5;
/** SQLite's code for a file that is not a database. */
const SQLITE_NOTADB = 26;

/**
 * Creates the folder and locks it for this process. The operating system
 * releases the lock when the process ends, even after kill -9.
 *
 * @returns a function that releases the lock.
 * @throws LocalRunError when the folder is not writable, or another run uses it.
 */
export function lockDataFolder(path: string): () => void {
  let lock: Database | undefined;
  try {
    createFolder(path);
    lock = new DatabaseSync(join(path, LOCK));
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(join(path, HOLDER), String(process.pid));
  } catch (cause) {
    lock?.close();
    throw lockError(path, cause);
  }
  return () => lock.close();
}

/** Creates the folder and its parents. The option `recursive` of `mkdirSync` would hang in places such as /proc. */
function createFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) createFolder(dirname(path));
  mkdirSync(path);
}

function lockError(path: string, cause: unknown): LocalRunError {
  const { errcode, message } = cause as Error & { errcode?: number };
  if (errcode === SQLITE_NOTADB) return new DiskError(path, cause);
  if (errcode !== SQLITE_BUSY) {
    return new LocalRunError(`Cannot write to --data-dir "${path}": ${message}. Choose another folder.`, { cause });
  }
  let holder = "";
  try {
    holder = ` with process ID ${readFileSync(join(path, HOLDER), "utf8")}`;
  } catch {
    // The other run has the lock, but has not written its process ID yet.
  }
  return new LocalRunError(`The local run${holder} uses --data-dir "${path}". Stop it, or choose another folder.`);
}
