import { DiskError } from "../errors";
import type { Database } from "./node-sqlite";
import { PersistenceManager, type SqsMessage, type SqsStore } from "./parts";

/** Private members of fauxqs's `PersistenceManager`. */
interface Internals {
  readonly db: Database;
  /** Runs `change` in a transaction and returns its result. `openPersistence` replaces fauxqs's method. */
  transaction<Result>(change: () => Result): Result;
}

/** Returns fauxqs's SQLite database. */
export function databaseOf(persistence: PersistenceManager): Database {
  return (persistence as unknown as Internals).db;
}

/** Runs `change` in one transaction: either all of its writes reach the disk, or none. Calls must not be nested. */
export function atomically<Result>(persistence: PersistenceManager | undefined, change: () => Result): Result {
  return persistence ? (persistence as unknown as Internals).transaction(change) : change();
}

/** SQLite's result codes for disk errors: READONLY, IOERR, CORRUPT, FULL and CANTOPEN. */
const DISK_CODES = new Set([8, 10, 11, 13, 14]);

/**
 * Makes messages visible that were in flight when the last run ended. Their last
 * receive is not counted. Otherwise, three restarts would dead-letter an event.
 */
const MAKE_RECEIVED_VISIBLE = `
  UPDATE sqs_messages
  SET receipt_handle = NULL, visibility_deadline = NULL, approximate_receive_count = max(0, approximate_receive_count - 1)
  WHERE receipt_handle IS NOT NULL`;

/**
 * Opens fauxqs's database in a folder. Replaces methods of fauxqs that would lose
 * acknowledged messages after a kill or on a full disk.
 *
 * @param onDiskError - Called when a write to the folder fails. It must not return.
 * @throws DiskError when the folder cannot be read or written.
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
  // For a visibility timeout of 0, fauxqs 2.4.1 writes NULL into a NOT NULL column, which crashes the process.
  const makeReady = db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => void makeReady.run(messageId);
  // On a full disk, SQLite rolls back by itself. fauxqs's own rollback then fails, and its error hides the cause.
  const transaction: Internals["transaction"] = (change) => {
    db.exec("BEGIN");
    try {
      const result = change();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      try {
        db.exec("ROLLBACK");
      } catch {} // SQLite has already rolled back.
      throw error;
    }
  };
  Object.assign(persistence, { transaction });
  reportDiskErrors(persistence as unknown as Record<string, unknown>, onDiskError);
  return persistence;
}

/** A message in a queue. If SQS dead-lettered the message, `deadLetterSourceArn` is the ARN of its source queue. */
export type MessageWithSource = SqsMessage & { deadLetterSourceArn?: string };

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dead_letter_sources (
  message_id TEXT PRIMARY KEY REFERENCES sqs_messages(message_id) ON DELETE CASCADE,
  source_arn TEXT NOT NULL
)`;

/** Makes `insertMessage` also store the message's source queue. */
function persistDeadLetterSources(persistence: PersistenceManager): void {
  const db = databaseOf(persistence);
  db.exec(SCHEMA);
  const insertSource = db.prepare("INSERT OR REPLACE INTO dead_letter_sources (message_id, source_arn) VALUES (?, ?)");
  const insertMessage = persistence.insertMessage.bind(persistence);
  persistence.insertMessage = (queueName, message: MessageWithSource) => {
    insertMessage(queueName, message);
    const { messageId, deadLetterSourceArn } = message;
    if (deadLetterSourceArn !== undefined) insertSource.run(messageId, deadLetterSourceArn);
  };
}

/** Adds the stored source queues to the loaded messages. */
export function loadDeadLetterSources(persistence: PersistenceManager, store: SqsStore): void {
  const select = databaseOf(persistence).prepare("SELECT message_id AS id, source_arn AS arn FROM dead_letter_sources");
  const sources = new Map((select.all() as { id: string; arn: string }[]).map(({ id, arn }) => [id, arn]));
  for (const queue of store.allQueues()) {
    const { ready, delayed, inflight } = queue.inspectMessages();
    for (const message of [...ready, ...delayed, ...inflight.map((each) => each.message)] as MessageWithSource[]) {
      const source = sources.get(message.messageId);
      if (source !== undefined) message.deadLetterSourceArn = source;
    }
  }
}

/** Makes every method report a disk error before its caller can acknowledge a request. */
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
