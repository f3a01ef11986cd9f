import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DiskError, isDamage, LocalRunError } from "../errors";
import { canPersist, type Database, openDatabase } from "./node-sqlite";

/** File of the tables. */
const FILE = "services.sqlite";
/** File with the ID of the process that uses the folder, for the error message only. */
const HOLDER = "run.pid";
/** File that versions before the first release wrote. */
const FORMER_FILE = "fauxqs.db";

/** SQLite's code for a lock that another process holds. */
const SQLITE_BUSY = 5;

/**
 * Creates the folder if it does not exist, opens its database and locks it for this process. The operating system
 * releases the lock when the process ends, even after kill -9.
 *
 * @throws LocalRunError when the folder cannot be used, and DiskError when its data is damaged.
 */
export function openDataFolder(folder: string): Database {
  if (!canPersist) {
    throw new LocalRunError(
      `A data folder needs Node.js 22.13 or newer (node:sqlite), and this is ${process.version}. Omit it to keep data in memory.`,
    );
  }
  if (existsSync(join(folder, FORMER_FILE))) throw otherVersion(folder, "a former version of this program");
  let database: Database | undefined;
  try {
    createFolder(folder);
    database = openDatabase(join(folder, FILE));
    // With FULL, SQLite calls fsync at every commit. With EXCLUSIVE, it keeps the lock of the first transaction.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    writeFileSync(join(folder, HOLDER), String(process.pid));
    return database;
  } catch (cause) {
    database?.close();
    throw openError(folder, cause);
  }
}

/** Returns the error for data that this version cannot read. */
export function otherVersion(folder: string, writer: string): LocalRunError {
  return new LocalRunError(
    `The data in the folder "${folder}" is of ${writer}, which this version cannot read: choose another folder, or delete this one to start without data.`,
  );
}

/** Creates the folder and its parents. The option `recursive` of `mkdirSync` would hang in places such as /proc. */
function createFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) createFolder(dirname(path));
  mkdirSync(path);
}

function openError(folder: string, cause: unknown): LocalRunError {
  const { errcode = 0, message } = cause as Error & { errcode?: number };
  if (isDamage(cause)) return new DiskError(folder, cause);
  if ((errcode & 0xff) !== SQLITE_BUSY) {
    return new LocalRunError(`Cannot write to the folder "${folder}": ${message}. Choose another folder.`, { cause });
  }
  let holder = "";
  try {
    holder = ` with process ID ${readFileSync(join(folder, HOLDER), "utf8")}`;
  } catch {
    // The other run has the lock, but has not written its process ID yet.
  }
  return new LocalRunError(`The local run${holder} uses the folder "${folder}". Stop it, or choose another folder.`);
}
