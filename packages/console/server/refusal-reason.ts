import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import { handlerLines } from "@event-pipeline/operations/events/handler-log";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { readSource } from "@event-pipeline/operations/reading";
import type { EventDetail } from "../api";

/** Lambda's longest timeout. The handler logs a refusal before the end of its batch. */
const MAX_BATCH_MS = 15 * 60_000;

/**
 * Adds the reason to the event's latest refusal, from the function's log. The log line of the batch, from which the hops
 * of a deployment come, has only the error code.
 */
export async function withRefusalReason(
  pipeline: Pipeline,
  detail: EventDetail,
  signal: AbortSignal,
): Promise<EventDetail> {
  const { row, hops } = detail;
  const refusal = hops.findLast(({ kind }) => kind === "dead-lettered");
  if (!refusal || refusal.detail.reason !== undefined || refusal.detail.error_code === undefined) return detail;
  const read = async () => {
    let reason: string | undefined;
    const range = { since: new Date(refusal.at - MAX_BATCH_MS), until: new Date(refusal.at + 1_000) };
    for await (const { fields } of handlerLines(pipeline, { text: row.messageId, ...range, signal })) {
      const { sns_message_id, [LOG_FIELDS.messageId]: sqsMessageId, [LOG_FIELDS.reason]: logged } = fields;
      const isIts = sns_message_id === row.messageId || sqsMessageId === row.messageId;
      if (isIts && fields.error_code === refusal.detail.error_code) reason = String(logged);
    }
    return reason;
  };
  const reading = await readSource(read, pipeline.description, signal);
  if (reading.state === "not known") {
    return { ...detail, notes: [`The reason of the refusal is not known. ${reading.error.message}`] };
  }
  if (reading.state === "not there") return detail;
  const explained = { ...refusal, detail: { ...refusal.detail, reason: reading.value } };
  return { ...detail, hops: hops.map((hop) => (hop === refusal ? explained : hop)) };
}
