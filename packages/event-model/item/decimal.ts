/** Maximum number of significant digits of a DynamoDB number. */
const MAX_DIGITS = 38;
/** Smallest and largest exponent of a DynamoDB number in scientific notation: 1E-130 to 9.99…E+125. */
const MIN_MAGNITUDE = -130;
const MAX_MAGNITUDE = 125;

/** The parts of a JSON number: ±digits × 10^exponent. */
export interface Decimal {
  readonly negative: boolean;
  /** The digits, without leading and trailing zeros; empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** @param source - A JSON number such as `-12.50e3`. */
export function parseDecimal(source: string): Decimal {
  const [, sign, integer = "", fraction = "", power = "0"] = NUMBER.exec(source) ?? [];
  const all = integer + fraction;
  let start = 0;
  let end = all.length;
  // Loops, because /0+$/ takes quadratic time if a hostile message contains many zeros.
  while (start < end && all[start] === "0") start++;
  while (end > start && all[end - 1] === "0") end--;
  const digits = all.slice(start, end);
  if (digits === "") return { negative: false, digits, exponent: 0 };
  return { negative: sign === "-", digits, exponent: Number(power) - fraction.length + (all.length - end) };
}

/**
 * Returns whether a DynamoDB number can hold the value exactly.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function fitsDynamodb(decimal: Decimal): boolean {
  if (decimal.digits === "") return true;
  const magnitude = magnitudeOf(decimal);
  return decimal.digits.length <= MAX_DIGITS && magnitude >= MIN_MAGNITUDE && magnitude <= MAX_MAGNITUDE;
}

export function formatDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === "") return "0";
  return `${negative ? "-" : ""}${digits}${exponent === 0 ? "" : `E${exponent}`}`;
}

/** Returns the size that DynamoDB counts: 1 byte, 1 per pair of digits on either side of the point, 1 for a minus sign. */
export function decimalBytes(decimal: Decimal): number {
  const { negative, digits } = decimal;
  if (digits === "") return 1;
  const straddles = digits.length % 2 === 0 && magnitudeOf(decimal) % 2 === 0;
  return 1 + Math.ceil(digits.length / 2) + (straddles ? 1 : 0) + (negative ? 1 : 0);
}

function magnitudeOf({ digits, exponent }: Decimal): number {
  return digits.length - 1 + exponent;
}
