import { type EndedRecord, LOG_FIELDS, LOG_LINES } from "@event-pipeline/event-model/log-lines";
import type { Pipeline } from "../../pipeline";
import { type HandlerLine, handlerLines, recordsOf } from "../handler-log";
import type { WantedId } from "./wanted-id";
import type { Ways } from "./ways";

/** Publications of one id that are told apart; there may be any number. */
export const MAX_WAYS = 20;

/**
 * Finds an event in the handler's log: first where a batch names it, then, by
 * MessageId, the lines that say why it was refused or handed back.
 */
export async function searchLog(
  pipeline: Pipeline,
  wanted: WantedId,
  { since, ways, signal }: { readonly since: Date; readonly ways: Ways; readonly signal: AbortSignal },
): Promise<void> {
  const read = async (text: string | undefined, isOf: (end: EndedRecord) => boolean) => {
    for await (const line of handlerLines(pipeline, { text, since, signal })) {
      for (const end of recordsOf(line) ?? []) if (isOf(end)) ways.landed(end, line.at);
      addReason(ways, line);
    }
  };
  await read(wanted.logText ?? LOG_LINES.batch, (end) => wanted.isOf(end));
  for (const { messageId, attempts } of ways.all.slice(0, MAX_WAYS)) {
    const isExplained = attempts.every(({ end, reason }) => end === "stored" || reason !== undefined);
    if (!isExplained) await read(messageId, () => false);
  }
}

/** A line of one record, written just before the one of its batch. */
function addReason(ways: Ways, { fields, at }: HandlerLine): void {
  const { [LOG_FIELDS.reason]: reason, sns_message_id: sns, [LOG_FIELDS.messageId]: sqs } = fields;
  if (typeof reason !== "string") return;
  for (const id of [sns, sqs]) if (typeof id === "string") ways.explained(id, { reason, at, fields });
}
