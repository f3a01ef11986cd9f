const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const ISO_LENGTH = "2026-01-02T03:04:05.678Z".length;

/**
 * Parses an RFC 3339 date-time, cut to milliseconds. Returns undefined for any other text, and for a time whose UTC year
 * is not in 0000–9999. A leap second is the first instant of the next minute, as in POSIX.
 *
 * `Date.parse` alone would accept many other forms, and 30 February.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 * @example
 * parseRfc3339("2026-01-02T03:04:05+01:00")?.toISOString(); // "2026-01-02T02:04:05.000Z"
 */
export function parseRfc3339(text: string): Date | undefined {
  // SNS and most publishers write this form, and Date reads it ten times faster. Written back, it proves itself.
  if (text.length === ISO_LENGTH) {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime()) && date.toISOString() === text) return date;
  }
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return undefined;

  const date = new Date(0);
  // setUTCFullYear, because Date.UTC takes the years 0–99 for 1900–1999.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = (match[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  date.setUTCHours(hour, minute - offset, second, milliseconds);
  return date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9999 ? date : undefined;
}
