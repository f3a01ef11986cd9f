import { printable } from "@event-pipeline/node-process/printable";

/**
 * The beginning of what a spreadsheet takes for a formula, full-width
 * characters and leading spaces included.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * Returns a line of CSV without its line break. Control characters become
 * escapes, and an apostrophe before a formula makes it text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return fields.map(csvField).join(",");
}

function csvField(field: string | number = ""): string {
  const text = printable(String(field));
  const safe = typeof field === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
