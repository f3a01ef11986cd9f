import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DiskError, LocalRunError } from "@event-pipeline/local-aws/errors";
import { type Database, DatabaseSync } from "@event-pipeline/local-aws/fauxqs/node-sqlite";

const LOCK = "lock.db";
/** Whose lock it is, for the message only. */
const HOLDER = "run.pid";

/** SQLite's code for a lock that somebody else has. */
const SQLITE_BUSY = 5;
/** And for a file that is none of its own. */
const SQLITE_NOTADB = 26;

/**
 * Makes the folder, and takes it for this process: two runs in one folder
 * would end each other. The system gives the lock back when its holder dies,
 * however it dies.
 *
 * @returns what gives the folder back.
 * @throws LocalRunError when the folder cannot be written to, or another run has it.
 */
export function claimDataFolder(path: string): () => void {
  let lock: Database | undefined;
  try {
    makeFolder(path);
    lock = new DatabaseSync(join(path, LOCK));
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(join(path, HOLDER), String(process.pid));
  } catch (cause) {
    lock?.close();
    throw refusal(path, cause);
  }
  return () => lock.close();
}

/** Not by `recursive`, with which Node.js tries for ever where a parent takes no folders, such as /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

function refusal(path: string, cause: unknown): LocalRunError {
  const { errcode } = cause as { errcode?: number };
  if (errcode === SQLITE_BUSY) return usedByAnother(path);
  return errcode === SQLITE_NOTADB ? new DiskError(path, cause) : unwritable(path, cause);
}

function usedByAnother(path: string): LocalRunError {
  let holder = "";
  try {
    holder = ` with process id ${readFileSync(join(path, HOLDER), "utf8")}`;
  } catch {
    // It has only just taken the lock; the folder is its own all the same.
  }
  return new LocalRunError(
    `--data-dir is "${path}", which the local run${holder} uses. Stop that, or name another folder.`,
  );
}

function unwritable(path: string, cause: unknown): LocalRunError {
  const why = (cause as Error).message;
  return new LocalRunError(`--data-dir is "${path}", where this user cannot write: ${why}. Name another folder.`, {
    cause,
  });
}
