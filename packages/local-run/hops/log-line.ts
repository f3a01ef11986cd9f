import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import type { JsonLine } from "@event-pipeline/local-aws/logs/log-line";

/** Returns whether the level is INFO or lower. A missing level counts as INFO, as on Lambda. */
export function isInfoOrLower({ level = "INFO" }: JsonLine): boolean {
  return typeof level === "string" && ["TRACE", "DEBUG", "INFO"].includes(level.toUpperCase());
}

/** Fields that the text report does not print as pairs: context from Powertools, and the records of a batch. */
const CONTEXT_KEYS = [
  "timestamp",
  "service",
  "sampling_rate",
  "cold_start",
  "function_arn",
  "function_memory_size",
  "function_name",
  "function_request_id",
  "xray_trace_id",
  LOG_FIELDS.ends,
];

/** Returns all fields except the context, as text; undefined if a value is an object. */
export function ownFields(line: JsonLine): Readonly<Record<string, string>> | undefined {
  const fields = Object.entries(line).filter(([key]) => !CONTEXT_KEYS.includes(key));
  const isScalar = (value: unknown) => typeof value !== "object" || value === null;
  const isFlat = fields.every(([, value]) => [value].flat().every(isScalar));
  return isFlat ? Object.fromEntries(fields.map(([key, value]) => [key, String(value)])) : undefined;
}
