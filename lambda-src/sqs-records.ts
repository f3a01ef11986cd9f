import { excerpt } from "@event-pipeline/event-model/excerpt";
import type { SQSRecord } from "aws-lambda";

/** A function was invoked with something else than a batch of SQS messages, such as a test event for another service. */
export class NotAnSqsEventError extends Error {
  override readonly name = "NotAnSqsEventError";
}

/**
 * Returns the messages of a batch from SQS.
 *
 * @throws NotAnSqsEventError if the event, or one of its records, is not from SQS. Lambda then deletes no message.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
 */
export function sqsRecordsOf(event: unknown): readonly SQSRecord[] {
  const { Records: records } = Object(event) as { readonly Records?: unknown };
  if (!Array.isArray(records)) throw notAnSqsEvent(event);
  for (const record of records) if (!isSqsRecord(record)) throw notAnSqsEvent(event, record);
  return records as readonly SQSRecord[];
}

function isSqsRecord(record: unknown): record is SQSRecord {
  // Lambda emulators may omit the source, although the type requires it.
  const { messageId, body, eventSource = "aws:sqs" } = Object(record) as Partial<SQSRecord>;
  return typeof messageId === "string" && typeof body === "string" && eventSource === "aws:sqs";
}

function notAnSqsEvent(event: unknown, ...foreign: readonly unknown[]): NotAnSqsEventError {
  const found = foreign.map((record) => `the record ${quoted(record)} in `).join("");
  return new NotAnSqsEventError(
    `The function takes a batch of SQS messages from its event source mapping, but received ${found}${quoted(event)}. To test the function, publish an event to the topic, or invoke the function with ${JSON.stringify(sampleBatch())}`,
  );
}

function quoted(value: unknown): string {
  try {
    return excerpt(String(JSON.stringify(value)));
  } catch {
    // JSON cannot represent a cycle or a BigInt, and JSON.stringify overflows the stack at thousands of levels.
    return `a value of the type ${typeof value}`;
  }
}

/** Returns a batch with an SNS envelope that the event processor stores as an event of the type `test`. */
function sampleBatch(): object {
  const envelope = { MessageId: "test-1", Timestamp: new Date().toISOString(), Message: '{"type":"test"}' };
  return { Records: [{ messageId: "test-1", eventSource: "aws:sqs", body: JSON.stringify(envelope) }] };
}
