import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { reportBatchItemFailures } from "../batch-response";
import { documentClient, sqsClient } from "./aws/clients";
import { DeadLetterQueue } from "./dead-letter-queue";
import { Deadline } from "./deadline";
import { readEnvironment } from "./environment";
import { EventProcessor } from "./event-processor";
import { EventStore } from "./event-store";
import { BatchTelemetry } from "./telemetry";

const environment = readEnvironment(process.env);
const processor = new EventProcessor(
  new EventStore(environment.tableName, documentClient()),
  new DeadLetterQueue(environment.deadLetterQueueUrl, sqsClient()),
  environment.eventTtlDays,
);

/**
 * Stores the events of one batch. A record that can never be stored goes to the dead-letter queue at once. A record that
 * may be stored later is a batch item failure: SQS delivers it again, and moves it to that queue after
 * `maxReceiveCount` receives. The handler returns before Lambda's timeout, regardless of AWS's answers and of the messages.
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const telemetry = new BatchTelemetry(context, environment.logsRecords);
  // Emulators of Lambda may leave these out, although the type says otherwise.
  const remainingMs = Number(context.getRemainingTimeInMillis?.());
  const deadline = Deadline.in(remainingMs, Number(context.memoryLimitInMB)).withReserve();
  const failed: SQSRecord[] = [];
  await processor.process(event.Records, deadline, (outcome) => {
    telemetry.add(outcome);
    failed.push(...outcome.retried.map(({ message }) => message.record), ...outcome.timedOut);
  });
  telemetry.end();
  return reportBatchItemFailures(failed);
}
