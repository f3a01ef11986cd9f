import { LocalRunError } from "@event-pipeline/local-aws/errors";

/** Java's DateTimeFormatter patterns that Firehose documents for prefixes, as slices of an ISO time. */
const SLICES: Readonly<Record<string, readonly [number, number]>> = {
  yyyy: [0, 4],
  MM: [5, 7],
  dd: [8, 10],
  HH: [11, 13],
};

/**
 * The prefix with its `!{timestamp:…}` expressions filled in, in UTC.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export function evaluatePrefix(prefix: string, time: Date): string {
  return prefix.replace(/!\{([^}]*)\}/g, (expression, inner: string) => {
    const slice = SLICES[inner.replace(/^timestamp:/, "")];
    if (!inner.startsWith("timestamp:") || !slice) {
      throw new LocalRunError(`The prefix "${prefix}" has ${expression}, which the local run cannot evaluate.`);
    }
    return time.toISOString().slice(...slice);
  });
}

/** The object's name as Firehose forms it: stream, version, time of delivery, and what makes it unique. */
export function objectName(streamName: string, time: Date, unique: string, gzip: boolean): string {
  const stamp = time.toISOString().slice(0, 19).replace(/[T:]/g, "-");
  return `${streamName}-1-${stamp}-${unique}${gzip ? ".gz" : ""}`;
}
