import { DiskError } from "../errors";
import { keepDeadLetterSources } from "../sqs/dead-letter-sources";
import type { Database } from "./node-sqlite";
import { PersistenceManager } from "./parts";

/** SQLite's codes for a folder that takes no more, or gives back other than it took. */
const DISK_CODES = new Set([8, 10, 11, 13, 14]); // READONLY, IOERR, CORRUPT, FULL, CANTOPEN

/**
 * Whoever had received these died with the last run. That is no fault of the
 * messages, so it does not count: three restarts must not dead-letter an event.
 */
const GIVE_BACK_WHAT_WAS_RECEIVED = `
  UPDATE sqs_messages
  SET receipt_handle = NULL, visibility_deadline = NULL, approximate_receive_count = max(0, approximate_receive_count - 1)
  WHERE receipt_handle IS NOT NULL`;

/**
 * fauxqs's store in a folder, mended where a kill or a full disk would lose
 * what was acknowledged.
 *
 * @param onDiskError - Called when the folder takes no more; it does not come back.
 * @throws DiskError when the folder cannot be written to.
 */
export function openPersistence(folder: string, onDiskError: (error: unknown) => never): PersistenceManager {
  let persistence: PersistenceManager;
  let db: Database;
  try {
    persistence = new PersistenceManager(folder);
    ({ db } = persistence as unknown as { db: Database });
    db.exec(GIVE_BACK_WHAT_WAS_RECEIVED);
    keepDeadLetterSources(persistence);
  } catch (cause) {
    throw new DiskError(folder, cause);
  }
  // fauxqs 2.4.1 writes NULL into a NOT NULL column when a visibility timeout is
  // set to 0, which ends the process; and the receive count has to stay.
  const makeReady = db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => void makeReady.run(messageId);

  // When the disk is full SQLite rolls back itself, and fauxqs's own rollback then fails and hides why.
  const transaction = (change: () => void) => {
    db.exec("BEGIN");
    try {
      change();
      db.exec("COMMIT");
    } catch (error) {
      try {
        db.exec("ROLLBACK");
      } catch {} // There is none left.
      throw error;
    }
  };
  Object.assign(persistence, { transaction });

  watch(persistence as unknown as Record<string, unknown>, onDiskError);
  return persistence;
}

/** Reports a disk that is full from every method, before its caller can answer anybody. */
function watch(persistence: Record<string, unknown>, onDiskError: (error: unknown) => never): void {
  for (const name of Object.getOwnPropertyNames(PersistenceManager.prototype)) {
    const method = persistence[name];
    if (name === "constructor" || typeof method !== "function") continue;
    persistence[name] = (...args: unknown[]) => {
      try {
        return method.apply(persistence, args);
      } catch (error) {
        if (isDiskError(error)) onDiskError(error);
        throw error;
      }
    };
  }
}

function isDiskError(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && DISK_CODES.has(errcode & 0xff);
}
