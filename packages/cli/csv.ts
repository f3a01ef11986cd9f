import { printable } from "@event-pipeline/node-process/printable";

/**
 * What a spreadsheet takes for the beginning of a formula, in full width too, and
 * behind spaces, which some trim.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * A line of CSV without its end. Fields are `printable`, so that none has a
 * control character. One that a spreadsheet would run begins with an
 * apostrophe, by which it is text there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvLine(fields: readonly (string | number | undefined)[]): string {
  return fields.map(fieldOf).join(",");
}

function fieldOf(field: string | number = ""): string {
  const text = printable(String(field));
  const inert = typeof field === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",;\t]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
