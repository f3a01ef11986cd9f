import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { handBack } from "../batch-response";
import { documentClient, sqsClient } from "./aws/clients";
import { Deadline } from "./deadline";
import { readEnvironment } from "./environment";
import { EventProcessor } from "./event-processor";
import { handedBack } from "./outcome";
import { DeadLetterQueue } from "./refuse/dead-letter-queue";
import { EventStore } from "./store/event-store";
import { BatchTelemetry } from "./telemetry";

const environment = readEnvironment(process.env);
const processor = new EventProcessor(
  new EventStore(environment.tableName, documentClient()),
  new DeadLetterQueue(environment.deadLetterQueueUrl, sqsClient()),
  environment.eventTtlDays,
);

/**
 * Stores one batch. A record that can never be stored is sent to the
 * dead-letter queue at once; one that may be later is named in
 * `batchItemFailures`, so that SQS delivers it again or, in the end, moves it
 * to the same queue. It answers before Lambda's timeout, whatever AWS does and
 * whatever the messages hold.
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const telemetry = new BatchTelemetry(context, environment.logsRecords);
  // The context's types are Lambda's word; what stands in for Lambda may keep less of it.
  const remainingMs = Number(context.getRemainingTimeInMillis?.());
  const deadline = Deadline.in(remainingMs, Number(context.memoryLimitInMB)).withReserve();
  const again: SQSRecord[] = [];
  await processor.process(event.Records, deadline, (outcome) => {
    telemetry.add(outcome);
    again.push(...handedBack(outcome));
  });
  telemetry.end();
  return handBack(again);
}
