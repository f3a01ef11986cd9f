/** An error that the user can fix. The local run prints its message without a stack trace. */
export class LocalRunError extends Error {
  override readonly name: string = "LocalRunError";
  /** The local run's exit code: 2 for invalid usage. */
  readonly exitCode: number = 2;
}

/** The data folder is damaged, or it cannot be read or written. */
export class DiskError extends LocalRunError {
  override readonly name = "DiskError";
  override readonly exitCode = 1;

  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      isDamage(cause)
        ? `The data in the folder "${folder}" is damaged: ${why}. Restore a backup, or choose another folder.`
        : isFull(cause)
          ? `Cannot write to the folder "${folder}": ${why}. All acknowledged data is stored. Free some disk space, and start again.`
          : `Cannot use the folder "${folder}": ${why}. Check its permissions and its disk, or choose another folder.`,
      { cause },
    );
  }
}

/** A part of the stored data is missing. */
export class MissingData extends Error {
  override readonly name = "MissingData";
}

/** SQLite's result codes for a damaged file: CORRUPT and NOTADB. */
const DAMAGE_CODES = new Set([11, 26]);

/** Returns whether an error of SQLite, LevelDB or JSON.parse means damaged data. */
export function isDamage(cause: unknown): boolean {
  const { name, code, errcode = 0 } = Object(cause) as { name?: string; code?: string; errcode?: number };
  if (cause instanceof MissingData || name === "SyntaxError" || code === "LEVEL_CORRUPTION") return true;
  return DAMAGE_CODES.has(errcode & 0xff);
}

/** SQLite's result code for a full disk. */
const SQLITE_FULL = 13;
/** Node.js's codes, and LevelDB's texts, for a full disk, a quota and a limit of the size of files. */
const FULL_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const FULL_TEXT = /no space left|quota exceeded|file too large/i;

function isFull(cause: unknown): boolean {
  const {
    code = "",
    errcode = 0,
    message = "",
  } = Object(cause) as { code?: string; errcode?: number; message?: string };
  return FULL_CODES.has(code) || (errcode & 0xff) === SQLITE_FULL || FULL_TEXT.test(message);
}
