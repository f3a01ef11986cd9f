import { type EndedRecord, LOG_FIELDS, LOG_LINES } from "@event-pipeline/event-model/log-lines";
import type { Pipeline } from "../../pipeline";
import { handlerLines, recordsOf } from "../handler-log";
import { EventTraces } from "./event-trace";
import type { SearchedId } from "./searched-id";

/**
 * Searches the handler's log: first for the lines of batches that name the id,
 * then, by MessageId, for the lines that say why a record failed.
 */
export async function searchLog(
  pipeline: Pipeline,
  id: SearchedId,
  { since, traces, signal }: { readonly since: Date; readonly traces: EventTraces; readonly signal: AbortSignal },
): Promise<void> {
  const search = async (text: string, matches: (record: EndedRecord) => boolean) => {
    for await (const line of handlerLines(pipeline, { text, since, signal })) {
      for (const record of recordsOf(line) ?? []) if (matches(record)) traces.addRecord(record, line.at);
      const {
        [LOG_FIELDS.reason]: reason,
        [LOG_FIELDS.messageId]: sqs,
        sns_message_id: sns,
        receive_count,
      } = line.fields;
      if (typeof reason !== "string") continue;
      for (const messageId of [sns, sqs]) {
        if (typeof messageId === "string") traces.addReason(messageId, { reason, receive: Number(receive_count) });
      }
    }
  };
  await search(id.logText ?? LOG_LINES.batch, (record) => id.matchesLogged(record));
  for (const { messageId, attempts } of traces.all.slice(0, EventTraces.MAX)) {
    const isExplained = attempts.every(({ end, reason }) => end === "stored" || reason !== undefined);
    if (!isExplained) await search(messageId, () => false);
  }
}
