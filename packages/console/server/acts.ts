import { NO_CODE } from "@event-pipeline/operations/dlq/dead-letter-message";
import { lookInto } from "@event-pipeline/operations/dlq/look-into";
import { redriveFrom } from "@event-pipeline/operations/dlq/redrive-from";
import { OperationError, UsageError } from "@event-pipeline/operations/errors";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { publish } from "@event-pipeline/operations/publish/publish";
import { repeated, tooLarge } from "@event-pipeline/operations/publish/sources";
import type { DeadLetter, DeadLetters, PublishAnswer, PublishRequest, RedriveAnswer, RedriveRequest } from "../api";

/** Dead letters that one look shows by name; more are counted. */
export const MAX_LETTERS = 1_000;

/** Publishes one message as it is, whatever the pipeline will make of it: to see that is what a page is for. */
export async function publishOne(
  pipeline: Pipeline,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<PublishAnswer> {
  const { message, attributes } = request;
  if (message === "") throw new UsageError("The message is empty, and SNS takes no empty one.");
  const refusal = tooLarge(message, attributes);
  if (refusal !== undefined) throw new UsageError(refusal);
  for await (const { messageId, error } of publish(pipeline, repeated(message, 1), { attributes, signal })) {
    if (messageId !== undefined) return { messageId };
    if (error && !error.endsAll)
      throw new OperationError(`SNS did not take the message (${error.code}): ${error.reason}`);
  }
  throw new OperationError("Nothing was published: the request was broken off.");
}

/** Looks into the dead-letter queue of the event processor, which counts as a receive of each message. */
export async function deadLetters(pipeline: Pipeline, signal: AbortSignal): Promise<DeadLetters> {
  const letters: DeadLetter[] = [];
  const countByCode = new Map<string, number>();
  const { seen, counts, whole } = await lookInto(pipeline, undefined, {
    signal,
    onLetter: ({ sqsMessageId, snsMessageId, eventId, type, code = NO_CODE, reason, sentAt, receives }) => {
      countByCode.set(code, (countByCode.get(code) ?? 0) + 1);
      if (letters.length === MAX_LETTERS) return undefined;
      letters.push({
        sqsMessageId,
        code,
        sentAt: sentAt.getTime(),
        receives,
        ...(snsMessageId !== undefined && { messageId: snsMessageId }),
        ...(eventId !== undefined && { eventId }),
        ...(type !== undefined && { type }),
        ...(reason !== undefined && { reason }),
      });
      return undefined;
    },
  });
  const { visible, inFlight } = counts;
  return { letters, countByCode: Object.fromEntries(countByCode), seen, visible, inFlight, whole, asOf: Date.now() };
}

/** Takes dead letters of the event processor back to its queue. */
export async function redriveLetters(
  pipeline: Pipeline,
  request: RedriveRequest,
  signal: AbortSignal,
): Promise<RedriveAnswer> {
  const filter =
    "ids" in request ? { sqsMessageIds: new Set(request.ids) } : "code" in request ? { code: request.code } : {};
  const { redriven } = await redriveFrom(pipeline, { queue: undefined, filter, signal });
  const { sent, failures, lost, undeleted } = redriven;
  return { sent, failures: Object.fromEntries(failures), lost, undeleted };
}
