import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { reportBatchItemFailures } from "../batch-response";
import { sqsRecordsOf } from "../sqs-records";
import { documentClient, sqsClient } from "./aws/clients";
import { loadContracts } from "./contracts";
import { DeadLetterQueue } from "./dead-letter-queue";
import { Deadline } from "./deadline";
import { readEnvironment } from "./environment";
import { EventProcessor } from "./event-processor";
import { EventStore } from "./event-store";
import { BatchTelemetry } from "./telemetry";

const environment = readEnvironment(process.env);
const contracts = loadContracts(environment.contractsHash, new URL("./contracts.mjs", import.meta.url));
const store = new EventStore(environment.tableName, documentClient());
const deadLetterQueue = new DeadLetterQueue(environment.deadLetterQueueUrl, sqsClient());

/**
 * Stores the events of one batch. A record that can never be stored is sent to the dead-letter queue immediately. A record
 * that may be stored later is a batch item failure: SQS delivers it again, and after `maxReceiveCount` receives moves it to
 * the dead-letter queue. The handler returns before the function's timeout, even if AWS does not respond.
 *
 * @throws NotAnSqsEventError if the event is not a batch of SQS messages.
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const records = sqsRecordsOf(event);
  const loaded = await contracts;
  const processor = new EventProcessor(store, deadLetterQueue, loaded, environment.eventTtlDays);
  const telemetry = new BatchTelemetry(context, loaded.hash, environment.logsRecords);
  // Lambda emulators may omit these members, although the type requires them.
  const remainingMs = Number(context.getRemainingTimeInMillis?.());
  const deadline = Deadline.in(remainingMs, Number(context.memoryLimitInMB)).withReserve();
  const failed: SQSRecord[] = [];
  await processor.process(records, deadline, (outcome) => {
    telemetry.add(outcome);
    failed.push(...outcome.retried.map(({ message }) => message.record), ...outcome.timedOut);
  });
  telemetry.end();
  return reportBatchItemFailures(failed);
}
