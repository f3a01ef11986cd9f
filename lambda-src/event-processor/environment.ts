import type { HandlerEnvironment } from "../../contract/handler-environment";
import { EnvironmentError } from "./errors";

export interface Environment {
  /** Table that items go to, from TABLE_NAME. */
  readonly tableName: string;
  /** Queue that refused messages go to, from DEAD_LETTER_QUEUE_URL. */
  readonly deadLetterQueueUrl: string;
  /** Days after which an item expires, from EVENT_TTL_DAYS; 90 when unset, 0 for never. */
  readonly eventTtlDays: number;
  /** Whether the line of each batch says what became of each record, from LOG_RECORDS; it does when that is unset. */
  readonly logsRecords: boolean;
}

const DEFAULT_TTL_DAYS = "90";
/** A century: more is a mistake, most likely seconds taken for days. */
const MAX_TTL_DAYS = 36_500;

/** @throws EnvironmentError naming the variable, its value and what is allowed. */
export function readEnvironment(
  variables: { readonly [K in keyof HandlerEnvironment]?: string | undefined },
): Environment {
  const tableName = variables.TABLE_NAME;
  if (!tableName) throw new EnvironmentError("TABLE_NAME is not set. Set it to the name of the DynamoDB table.");

  const deadLetterQueueUrl = variables.DEAD_LETTER_QUEUE_URL;
  if (!deadLetterQueueUrl || !/^https?:\/\//.test(deadLetterQueueUrl)) {
    throw new EnvironmentError(
      `DEAD_LETTER_QUEUE_URL is ${deadLetterQueueUrl ? `"${deadLetterQueueUrl}"` : "not set"}. Set it to the URL of the SQS dead-letter queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/events-dlq.`,
    );
  }

  const days = variables.EVENT_TTL_DAYS ?? DEFAULT_TTL_DAYS;
  if (!/^\d+$/.test(days) || Number(days) > MAX_TTL_DAYS) {
    throw new EnvironmentError(
      `EVENT_TTL_DAYS is "${days}". Set it to a whole number of days from 0 (items never expire) to ${MAX_TTL_DAYS}.`,
    );
  }

  const logRecords = variables.LOG_RECORDS ?? "true";
  if (logRecords !== "true" && logRecords !== "false") {
    throw new EnvironmentError(`LOG_RECORDS is "${logRecords}". Set it to true or false.`);
  }
  return { tableName, deadLetterQueueUrl, eventTtlDays: Number(days), logsRecords: logRecords === "true" };
}
