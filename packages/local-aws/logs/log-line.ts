/** A log line that is a JSON object, such as those of Powertools' logger. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** Parses a log line. Returns undefined if the line is not a JSON object, for example part of a stack trace. */
export function parseJsonLine(line: string): JsonLine | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as JsonLine;
  } catch {
    return undefined;
  }
}
