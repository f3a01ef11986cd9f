import type { PersistenceManager, SqsMessage, SqsStore } from "../fauxqs/parts";

/** A message that SQS itself moved to a dead-letter queue knows where it came from; one that was sent there does not. */
export type DeadLetter = SqsMessage & { deadLetterSourceArn?: string };

interface WithDatabase {
  readonly db: {
    exec(sql: string): void;
    prepare(sql: string): { run(...values: string[]): unknown; all(): unknown[] };
  };
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dead_letter_sources (
  message_id TEXT PRIMARY KEY REFERENCES sqs_messages(message_id) ON DELETE CASCADE,
  source_arn TEXT NOT NULL
)`;

/** Keeps with each message that is written to disk the queue that it came from, as long as it is there. */
export function keepDeadLetterSources(persistence: PersistenceManager): void {
  const { db } = persistence as unknown as WithDatabase;
  db.exec(SCHEMA);
  const insertSource = db.prepare("INSERT OR REPLACE INTO dead_letter_sources (message_id, source_arn) VALUES (?, ?)");
  const insertMessage = persistence.insertMessage.bind(persistence);
  persistence.insertMessage = (queueName, message: DeadLetter) => {
    insertMessage(queueName, message);
    const { messageId, deadLetterSourceArn } = message;
    if (deadLetterSourceArn !== undefined) insertSource.run(messageId, deadLetterSourceArn);
  };
}

/** Gives the messages that were loaded their sources back. */
export function loadDeadLetterSources(persistence: PersistenceManager, store: SqsStore): void {
  const { db } = persistence as unknown as WithDatabase;
  const rows = db.prepare("SELECT message_id, source_arn FROM dead_letter_sources").all();
  const sources = new Map(
    (rows as { message_id: string; source_arn: string }[]).map((r) => [r.message_id, r.source_arn]),
  );
  for (const queue of store.allQueues()) {
    const { ready, delayed, inflight } = queue.inspectMessages();
    for (const message of [...ready, ...delayed, ...inflight.map((entry) => entry.message)] as DeadLetter[]) {
      const source = sources.get(message.messageId);
      if (source !== undefined) message.deadLetterSourceArn = source;
    }
  }
}
