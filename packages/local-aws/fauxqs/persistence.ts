import { DiskError } from "../errors";
import { persistDeadLetterSources } from "../sqs/dead-letter-sources";
import { databaseOf } from "./database";
import type { Database } from "./node-sqlite";
import { PersistenceManager } from "./parts";

/** SQLite's codes for a disk that is full or damaged: READONLY, IOERR, CORRUPT, FULL and CANTOPEN. */
const DISK_CODES = new Set([8, 10, 11, 13, 14]);

/**
 * Makes messages visible that the last run was processing when it ended. That
 * receive does not count: three restarts must not dead-letter an event.
 */
const MAKE_RECEIVED_VISIBLE = `
  UPDATE sqs_messages
  SET receipt_handle = NULL, visibility_deadline = NULL, approximate_receive_count = max(0, approximate_receive_count - 1)
  WHERE receipt_handle IS NOT NULL`;

/**
 * Opens fauxqs's store in a folder, with fixes for the cases in which a kill or
 * a full disk would lose acknowledged messages.
 *
 * @param onDiskError - Called when the folder cannot be written to. It must not return.
 * @throws DiskError when the folder cannot be written to.
 */
export function openPersistence(folder: string, onDiskError: (error: unknown) => never): PersistenceManager {
  let persistence: PersistenceManager;
  let db: Database;
  try {
    persistence = new PersistenceManager(folder);
    db = databaseOf(persistence);
    db.exec(MAKE_RECEIVED_VISIBLE);
    persistDeadLetterSources(persistence);
  } catch (cause) {
    throw new DiskError(folder, cause);
  }
  // For a visibility timeout of 0, fauxqs 2.4.1 writes NULL into a NOT NULL column, which ends the process.
  const makeReady = db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => void makeReady.run(messageId);
  // On a full disk, SQLite rolls back itself, and fauxqs's rollback fails and hides the cause.
  const transaction = (change: () => void) => {
    db.exec("BEGIN");
    try {
      change();
      db.exec("COMMIT");
    } catch (error) {
      try {
        db.exec("ROLLBACK");
      } catch {} // SQLite has rolled back.
      throw error;
    }
  };
  Object.assign(persistence, { transaction });
  reportDiskErrors(persistence as unknown as Record<string, unknown>, onDiskError);
  return persistence;
}

/** Wraps every method so that a disk error is reported before its caller can acknowledge anything. */
function reportDiskErrors(persistence: Record<string, unknown>, onDiskError: (error: unknown) => never): void {
  for (const name of Object.getOwnPropertyNames(PersistenceManager.prototype)) {
    const method = persistence[name];
    if (name === "constructor" || typeof method !== "function") continue;
    persistence[name] = (...args: unknown[]) => {
      try {
        return method.apply(persistence, args);
      } catch (error) {
        const { errcode = 0 } = Object(error) as { errcode?: number };
        if (DISK_CODES.has(errcode & 0xff)) onDiskError(error);
        throw error;
      }
    };
  }
}
