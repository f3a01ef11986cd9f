import type { HandlerEnvironment } from "@event-pipeline/event-model/handler-environment";
import { EnvironmentError } from "./errors";

export interface Environment {
  /** The table for items, from TABLE_NAME. */
  readonly tableName: string;
  /** The queue for refused messages, from DEAD_LETTER_QUEUE_URL. */
  readonly deadLetterQueueUrl: string;
  /** Days from receipt to expiry, from EVENT_TTL_DAYS; 90 if it is not set, 0 for never. */
  readonly eventTtlDays: number;
  /** True if the log line of each batch lists its records, from LOG_RECORDS; true if it is not set. */
  readonly logsRecords: boolean;
}

const DEFAULT_TTL_DAYS = "90";
/** A century. More is most likely a number of seconds. */
const MAX_TTL_DAYS = 36_500;

/** The table names that DynamoDB accepts. */
const TABLE_NAME = /^[\w.-]{3,255}$/;
/** An HTTP URL with a host and a path, which the URL of every queue has. */
const QUEUE_URL = /^https?:\/\/[^\s/?#]+(\/[^\s/?#]+)+$/;

/** @throws EnvironmentError that names the variable, its value and what is allowed. */
export function readEnvironment(
  variables: { readonly [K in keyof HandlerEnvironment]?: string | undefined },
): Environment {
  const tableName = variables.TABLE_NAME;
  if (!tableName || !TABLE_NAME.test(tableName)) {
    throw new EnvironmentError(
      `TABLE_NAME is ${quoted(tableName)}. Set it to the name of the DynamoDB table: 3 to 255 letters, digits, dots, hyphens and underscores.`,
    );
  }

  const deadLetterQueueUrl = variables.DEAD_LETTER_QUEUE_URL;
  if (!deadLetterQueueUrl || !QUEUE_URL.test(deadLetterQueueUrl) || !URL.canParse(deadLetterQueueUrl)) {
    throw new EnvironmentError(
      `DEAD_LETTER_QUEUE_URL is ${quoted(deadLetterQueueUrl)}. Set it to the URL of the SQS dead-letter queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/events-dlq.`,
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

function quoted(value: string | undefined): string {
  return value ? `"${value}"` : "not set";
}
