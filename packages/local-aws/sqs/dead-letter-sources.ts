import { databaseOf } from "../fauxqs/database";
import type { PersistenceManager, SqsMessage, SqsQueue, SqsStore } from "../fauxqs/parts";

/** A message with the ARN of the queue from which SQS moved it to its dead-letter queue; undefined for other messages. */
export type SourcedMessage = SqsMessage & { deadLetterSourceArn?: string };

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dead_letter_sources (
  message_id TEXT PRIMARY KEY REFERENCES sqs_messages(message_id) ON DELETE CASCADE,
  source_arn TEXT NOT NULL
)`;

/** Extends the persistence of messages by their dead-letter sources. */
export function persistDeadLetterSources(persistence: PersistenceManager): void {
  const db = databaseOf(persistence);
  db.exec(SCHEMA);
  const insertSource = db.prepare("INSERT OR REPLACE INTO dead_letter_sources (message_id, source_arn) VALUES (?, ?)");
  const insertMessage = persistence.insertMessage.bind(persistence);
  persistence.insertMessage = (queueName, message: SourcedMessage) => {
    insertMessage(queueName, message);
    const { messageId, deadLetterSourceArn } = message;
    if (deadLetterSourceArn !== undefined) insertSource.run(messageId, deadLetterSourceArn);
  };
}

/** Restores the dead-letter sources of loaded messages. */
export function loadDeadLetterSources(persistence: PersistenceManager, store: SqsStore): void {
  const rows = databaseOf(persistence).prepare("SELECT message_id, source_arn FROM dead_letter_sources").all();
  const sources = new Map(
    (rows as { message_id: string; source_arn: string }[]).map((row) => [row.message_id, row.source_arn]),
  );
  for (const message of [...store.allQueues()].flatMap(messagesIn)) {
    const source = sources.get(message.messageId);
    if (source !== undefined) message.deadLetterSourceArn = source;
  }
}

function messagesIn(queue: SqsQueue): SourcedMessage[] {
  const { ready, delayed, inflight } = queue.inspectMessages();
  return [...ready, ...delayed, ...inflight.map(({ message }) => message)];
}
