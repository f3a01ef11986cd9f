import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DiskError, isDamage, LocalRunError } from "../errors";
import { canPersist, type Database, openDatabase } from "./node-sqlite";

/** File of the tables. */
const FILE = "services.sqlite";
/** File with the ID of the process that uses the folder, for the error message only. */
const HOLDER = "run.pid";
/** File that versions before the first release wrote. */
const FORMER_FILE = "fauxqs.db";

/** The files that a start writes before its first commit. */
const FIRST_FILES = [FILE, `${FILE}-journal`, `${FILE}-shm`, `${FILE}-wal`, HOLDER];
/** Files that operating systems, file systems and git put into folders that are empty for their user. */
const SYSTEM_FILES = [".DS_Store", ".gitignore", ".gitkeep", "desktop.ini", "lost+found", "Thumbs.db"];

/** Version of the table below. */
const VERSION = 1;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS stored_values (
  table_name TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (table_name, key)
)`;

/** SQLite's code for a lock that another process holds. */
const SQLITE_BUSY = 5;

/**
 * Creates the folder if it does not exist, opens its database and locks it for this process. The operating system
 * releases the lock when the process ends, even after kill -9. Nothing changes in a folder with files of another program.
 *
 * @throws LocalRunError when the folder cannot be used, and DiskError when its data is damaged.
 */
export function openDataFolder(folder: string): Database {
  if (!canPersist) {
    throw new LocalRunError(
      `A data folder needs Node.js 22.13 or newer (node:sqlite), and this is ${process.version}. Omit it to keep data in memory.`,
    );
  }
  let database: Database | undefined;
  try {
    createFolder(folder);
    if (existsSync(join(folder, FORMER_FILE))) throw otherVersion(folder, "a former version of this program");
    const file = join(folder, FILE);
    // If the database is missing, SQLite would remove its log, which has the newest commits.
    if (!statSync(file, { throwIfNoEntry: false })?.size) assertUnused(folder, [FILE, `${FILE}-journal`]);
    database = openDatabase(file);
    // With EXCLUSIVE, SQLite keeps the lock of the first transaction.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
    assertOurs(folder, database);
    // With FULL, SQLite calls fsync at every commit.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec(`BEGIN; ${SCHEMA}; PRAGMA user_version = ${VERSION}; COMMIT`);
    writeFileSync(join(folder, HOLDER), String(process.pid));
    return database;
  } catch (cause) {
    database?.close();
    throw cause instanceof LocalRunError ? cause : openError(folder, cause);
  }
}

/**
 * Checks that a folder without data contains no files except those that are expected. Other files are of another program,
 * or of a data folder that has lost its database.
 */
function assertUnused(folder: string, expected: readonly string[]): void {
  const known = new Set([...expected, ...SYSTEM_FILES]);
  const [first, ...others] = readdirSync(folder)
    .filter((name) => !known.has(name))
    .sort();
  if (first === undefined) return;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  throw new LocalRunError(
    `The folder "${folder}" contains "${first}"${more}, but no data in "${FILE}": choose a new or empty folder, or restore a backup.`,
  );
}

/** Checks that this version has written a database, or that nobody has. */
function assertOurs(folder: string, database: Database): void {
  const [{ user_version: version } = { user_version: 0 }] = database.prepare("PRAGMA user_version").all() as {
    user_version: number;
  }[];
  const tables = (database.prepare("SELECT name FROM sqlite_schema").all() as { name: string }[]).map(
    ({ name }) => name,
  );
  if (version === 0 && tables.length === 0) assertUnused(folder, FIRST_FILES);
  else if (!tables.includes("stored_values")) {
    throw new LocalRunError(
      `The file "${FILE}" in the folder "${folder}" is of another program: choose another folder.`,
    );
  } else if (version !== VERSION) throw otherVersion(folder, `version ${version} of this program`);
}

/** Returns the error for data that this version cannot read. */
function otherVersion(folder: string, writer: string): LocalRunError {
  return new LocalRunError(
    `The data in the folder "${folder}" is of ${writer}, which this version cannot read: choose another folder.`,
  );
}

/** Creates the folder and its parents. The option `recursive` of `mkdirSync` would hang in places such as /proc. */
function createFolder(path: string): void {
  // The parents first: below a file, statSync of Node.js 22 throws an error that does not name the file.
  if (dirname(path) !== path) createFolder(dirname(path));
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw new Error(`"${path}" is not a folder`);
  if (lstatSync(path, { throwIfNoEntry: false })) throw new Error(`"${path}" links to a folder that does not exist`);
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
