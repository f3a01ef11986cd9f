import type { HandlerEnvironment } from "@event-pipeline/event-model/handler-environment";
import { EnvironmentError } from "./errors";

const DEFAULT_TTL_DAYS = "90";
/** 100 years. A larger number is most likely in seconds. */
const MAX_TTL_DAYS = 36_500;

/** The table names that DynamoDB accepts. */
const TABLE_NAME = /^[\w.-]{3,255}$/;
/** An HTTP or HTTPS URL with a host and a path, as every queue's URL has. */
const QUEUE_URL = /^https?:\/\/[^\s/?#]+(\/[^\s/?#]+)+$/;

/**
 * Reads the environment variables that the stack sets.
 *
 * @throws EnvironmentError that names the variable, its value and what is allowed.
 */
export function readEnvironment(variables: { readonly [K in keyof HandlerEnvironment]?: string | undefined }) {
  const { TABLE_NAME: tableName = "", DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl = "" } = variables;
  const { EVENT_TTL_DAYS: days = DEFAULT_TTL_DAYS, LOG_RECORDS: logRecords = "true" } = variables;
  const { CONTRACTS_HASH: contractsHash } = variables;
  if (!TABLE_NAME.test(tableName)) {
    throw new EnvironmentError(
      `TABLE_NAME is ${quoted(tableName)}. Set it to the name of the DynamoDB table: 3 to 255 letters, digits, dots, hyphens and underscores.`,
    );
  }
  if (!QUEUE_URL.test(deadLetterQueueUrl) || !URL.canParse(deadLetterQueueUrl)) {
    throw new EnvironmentError(
      `DEAD_LETTER_QUEUE_URL is ${quoted(deadLetterQueueUrl)}. Set it to the URL of the SQS dead-letter queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/events-dlq.`,
    );
  }
  if (!/^\d+$/.test(days) || Number(days) > MAX_TTL_DAYS) {
    throw new EnvironmentError(
      `EVENT_TTL_DAYS is "${days}". Set it to a whole number of days from 0 (items never expire) to ${MAX_TTL_DAYS}.`,
    );
  }
  if (logRecords !== "true" && logRecords !== "false") {
    throw new EnvironmentError(`LOG_RECORDS is "${logRecords}". Set it to true or false.`);
  }
  return {
    tableName,
    deadLetterQueueUrl,
    eventTtlDays: Number(days),
    logsRecords: logRecords === "true",
    contractsHash,
  };
}

function quoted(value: string): string {
  return value === "" ? "not set" : `"${value}"`;
}
