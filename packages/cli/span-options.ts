import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { pointInTime } from "./option-values";

/** As commander parses them: when events were published. */
export interface SpanOptions {
  readonly since?: Date;
  readonly until?: Date;
}

export function addSpanOptions(command: Command): Command {
  return command
    .option("--since <time>", "published since then: 10m, 2h, 7d, 2026-01-02T03:04Z", pointInTime)
    .option("--until <time>", "published before then", pointInTime);
}

/** @throws UsageError when nothing can lie in it. */
export function spanOf({ since, until }: SpanOptions): SpanOptions {
  if (since && until && since >= until) {
    throw new UsageError(`--since ${since.toISOString()} is not before --until ${until.toISOString()}.`);
  }
  return { ...(since && { since }), ...(until && { until }) };
}

/** The span in words. */
export function saidSpan({ since, until }: SpanOptions): string {
  const parts = [since && `since ${since.toISOString()}`, until && `before ${until.toISOString()}`].filter(Boolean);
  return parts.length === 0 ? "of all times" : parts.join(" and ");
}
