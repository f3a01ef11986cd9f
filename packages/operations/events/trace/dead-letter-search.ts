import { envelopeOf } from "../../dlq/dead-letter-message";
import { lookInto } from "../../dlq/look-into";
import type { Pipeline } from "../../pipeline";
import type { Ways } from "./ways";

/**
 * Looks into a dead-letter queue for a letter of that id, and ends with the first.
 *
 * @returns what was looked at, in words.
 */
export async function searchDeadLetters(
  pipeline: Pipeline,
  queue: string,
  { id, ways, signal }: { readonly id: string | undefined; readonly ways: Ways; readonly signal: AbortSignal },
): Promise<string> {
  const { seen, whole, meant } = await lookInto(pipeline, queue, {
    filter: { id },
    signal,
    onLetter: ({ snsMessageId, sqsMessageId, code, reason, message }) => {
      const way = ways.of(snsMessageId ?? sqsMessageId);
      way.deadLetter = { queue, code, reason, seen: true };
      const envelope = envelopeOf(message.Body ?? "");
      if (envelope) way.publishedAt ??= envelope.timestamp;
      return "enough";
    },
  });
  if (seen === 0) return `${queue}, which had nothing to show`;
  const messages = seen === 1 ? "message" : "messages";
  return `${queue}: ${seen} ${messages}${whole || meant > 0 ? "" : ", and not all"}; each look counts as a receive of each`;
}
