import { type EndedRecord, LOG_LINES } from "@event-pipeline/event-model/log-lines";
import { handlerLines, recordsOf } from "../events/handler-log";
import type { Pipeline } from "../pipeline";

export interface LastStored {
  readonly at: Date;
  /** The event; undefined where batches do not name their records. */
  readonly record: EndedRecord | undefined;
}

/** Seconds that are looked back, one after another: where much lands, the last of few are read. */
const WINDOWS = [15, 120, 900, 10_800];

/** The event that was stored last, by the handler's log; undefined when none was within three hours. */
export async function lastStored(pipeline: Pipeline, signal: AbortSignal): Promise<LastStored | undefined> {
  let until = Date.now();
  for (const seconds of WINDOWS) {
    const since = new Date(Date.now() - seconds * 1_000);
    let last: LastStored | undefined;
    const span = { since, until: new Date(until) };
    for await (const line of handlerLines(pipeline, { text: LOG_LINES.batch, ...span, signal })) {
      const record = recordsOf(line)?.findLast(({ end }) => end === "stored");
      if (record || Number(line.fields.stored) > 0) last = { at: line.at, record };
    }
    if (last) return last;
    until = since.getTime();
  }
  return undefined;
}
