import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";

/** What a handler wrote as a JSON object, such as a line of Powertools's logger. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** The object that a line is; undefined when it is anything else, such as a line of a stack trace. */
export function parseJsonLine(line: string): JsonLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as JsonLine;
  } catch {
    return undefined; // It only looked like JSON: it is shown as it is.
  }
}

/** Lambda too takes a JSON line without a level for one of INFO. */
const QUIET_LEVELS = ["TRACE", "DEBUG", "INFO"];

/** Whether the line says that something is as it should be. */
export function isQuiet({ level = "INFO" }: JsonLine): boolean {
  return typeof level === "string" && QUIET_LEVELS.includes(level.toUpperCase());
}

/** Whether it is a metric in CloudWatch's embedded format, which nobody reads as text. */
export function isMetric(line: JsonLine): boolean {
  return "_aws" in line;
}

/** What Powertools puts into every line, and this run says otherwise or has nothing to say about. */
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

/** The parts of a line that say what happened; undefined when they are not flat. */
export function factsOf(line: JsonLine): Readonly<Record<string, string>> | undefined {
  const facts = Object.entries(line).filter(([key]) => !CONTEXT_KEYS.includes(key));
  const isFlat = facts.every(([, value]) => [value].flat().every(isScalar));
  return isFlat ? Object.fromEntries(facts.map(([key, value]) => [key, String(value)])) : undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
