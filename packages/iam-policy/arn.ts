const SEGMENTS = 6;

/** The six segments of an ARN; the last keeps its colons. Undefined for other texts. */
export function arnSegments(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  if (parts[0] !== "arn" || parts.length < SEGMENTS) return undefined;
  return [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")];
}

/** Account in an ARN; undefined where there is none, as in S3's. */
export function accountOf(arn: string): string | undefined {
  return arnSegments(arn)?.[4] || undefined;
}
