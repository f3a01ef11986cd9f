const SEGMENTS = 6;

/** Returns the six segments of an ARN; the last one keeps its colons. Undefined if the text is not an ARN. */
export function arnSegments(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  if (parts[0] !== "arn" || parts.length < SEGMENTS) return undefined;
  return [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")];
}

/** Returns the account in an ARN; undefined if it has none, such as an ARN of S3. */
export function accountOf(arn: string): string | undefined {
  return arnSegments(arn)?.[4] || undefined;
}
