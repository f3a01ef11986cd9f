const RFC3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const ISO_LENGTH = "2026-01-02T03:04:05.678Z".length;

/**
 * Parses an RFC 3339 date-time and truncates it to milliseconds. Returns undefined for any other text, and for a time whose
 * UTC year is outside 0000–9999. A leap second becomes the first second of the next minute, as in POSIX.
 *
 * `Date.parse` alone would also accept other formats, and 30 February.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 * @example
 * parseRfc3339("2026-01-02T03:04:05+01:00")?.toISOString(); // "2026-01-02T02:04:05.000Z"
 */
export function parseRfc3339(text: string): Date | undefined {
  // SNS and most publishers use this format, which Date parses ten times faster. Formatting the date again detects 30 February.
  if (text.length === ISO_LENGTH) {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime()) && date.toISOString() === text) return date;
  }
  const [, day, hour, minute, second, fraction = "", sign, offsetHours = 0, offsetMinutes = 0] =
    RFC3339.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = new Date(`${day}T00:00:00.000Z`);
  // Date parses 30 February as a day in March.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return undefined;
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const milliseconds = Number(fraction.padEnd(3, "0").slice(0, 3));
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second), milliseconds);
  return date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9999 ? date : undefined;
}
