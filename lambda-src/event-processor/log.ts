/**
 * Writes one line of JSON. Straight to stdout: Lambda's `console` would wrap
 * the line in a second JSON object.
 */
export function log(level: "INFO" | "ERROR", message: string, fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ level, timestamp: new Date().toISOString(), message, ...fields })}\n`);
}
