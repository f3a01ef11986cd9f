import type { IncomingMessage } from "node:http";
import { describeUnreadableTime } from "@event-pipeline/event-model/event-time";
import { type DeadLetterFilter, envelopeOf, NO_CODE } from "@event-pipeline/operations/dlq/dead-letter-message";
import { peekQueue } from "@event-pipeline/operations/dlq/peek-queue";
import { redrive, resolveRedriveRoute } from "@event-pipeline/operations/dlq/redrive";
import { resolveDeadLetterQueue } from "@event-pipeline/operations/dlq/resolve-dead-letter-queue";
import { OperationError, UsageError } from "@event-pipeline/operations/errors";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { repeated, tooLarge, verdictOn } from "@event-pipeline/operations/publish/event-message";
import { publish } from "@event-pipeline/operations/publish/publish";
import type { DeadLetterRow, DeadLetters, PublishRequest, PublishResponse, RedriveResponse, Verdict } from "../api";
import { readContracts } from "./contracts";

/** Maximum number of dead letters in a response; the rest is only counted. */
const MAX_LETTERS = 1_000;
/** Maximum size of a request's body. It fits a message of 256 KiB even if JSON escapes each byte as `\u00XX`. */
const MAX_BODY_BYTES = 2 * 1_024 * 1_024;

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const ATTRIBUTE_NAME = /^(?!AWS\.|Amazon\.)[\w-]+(?:\.[\w-]+)*$/i;

/** Runs an action with the JSON object in a request's body. The signal aborts when the client disconnects. */
export type Action = (pipeline: Pipeline, input: ActionInput, signal: AbortSignal) => Promise<object>;

export type ActionInput = Readonly<Record<string, unknown>>;

/** Publishes a message without validation, so that users can see how the pipeline rejects an invalid message. */
async function publishMessage(pipeline: Pipeline, input: ActionInput, signal: AbortSignal): Promise<PublishResponse> {
  const { message, attributes } = publishRequest(input);
  if (message === "") throw new UsageError("Empty message: SNS requires at least one character.");
  const sizeError = tooLarge(message, attributes);
  if (sizeError !== undefined) throw new UsageError(sizeError);
  for await (const { messageId, error } of publish(pipeline, repeated(message, 1), { attributes, signal })) {
    if (messageId !== undefined) return { messageId };
    if (error && !error.isFatal) {
      throw new OperationError(`SNS rejected the message (${error.code}): ${error.reason}`);
    }
  }
  throw new OperationError("The message was not published: the request was canceled.");
}

/** Judges a message by the deployed contracts, as the handler does. */
async function judgeMessage(pipeline: Pipeline, input: ActionInput): Promise<Verdict> {
  const { message, attributes } = publishRequest(input);
  const { current, notKnown } = await readContracts(pipeline);
  const { type, refusal, unreadableTime } = verdictOn(message, attributes, current);
  return {
    contractsHash: current.hash,
    ...(type !== undefined && { type }),
    ...(refusal && { refusal: { code: refusal.code, reason: refusal.message } }),
    ...(unreadableTime && { unreadableTime: describeUnreadableTime(unreadableTime) }),
    ...(notKnown !== undefined && { notKnown }),
  };
}

/** Receives the dead-letter queue's messages, and makes them visible again. */
async function peekDeadLetters(pipeline: Pipeline, _: ActionInput, signal: AbortSignal): Promise<DeadLetters> {
  const letters: DeadLetterRow[] = [];
  const countByCode = new Map<string, number>();
  const { seen, counts, complete, stillLeased, leaseSeconds, stoppedBy } = await peekQueue(
    await resolveDeadLetterQueue(pipeline),
    {
      signal,
      mapping: (await readContracts(pipeline)).current.mapping,
      onMessage: ({ message, snsMessageId, code = NO_CODE, sentAt, receiveCount, ...letter }) => {
        countByCode.set(code, (countByCode.get(code) ?? 0) + 1);
        if (letters.length >= MAX_LETTERS) return;
        const { sqsMessageId, eventId, type, reason } = letter;
        letters.push({
          ...{ sqsMessageId, messageId: snsMessageId, eventId, type, code, reason },
          publishedAt: envelopeOf(message)?.timestamp.getTime(),
          sentAt: sentAt.getTime(),
          receives: receiveCount,
        });
      },
    },
  );
  return {
    letters,
    countByCode: Object.fromEntries(countByCode),
    seen,
    inFlight: counts.inFlight,
    complete,
    stillLeased,
    leaseSeconds,
    ...(stoppedBy && { stoppedBy: stoppedBy.message }),
    asOf: Date.now(),
  };
}

async function redriveMessages(pipeline: Pipeline, input: ActionInput, signal: AbortSignal): Promise<RedriveResponse> {
  const filter = redriveFilter(input);
  const route = await resolveRedriveRoute(pipeline, "events");
  const { sent, deleted, failures, leaseLost: lost, stoppedBy } = await redrive(route, { filter, signal });
  const notDeleted = sent - deleted;
  const stopped = stoppedBy && { stoppedBy: stoppedBy.message };
  return { sent, notDeleted, failures: Object.fromEntries(failures), lost, ...stopped };
}

/** The page's actions by path. Each action runs the same function as the CLI. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  "/api/publish": publishMessage,
  "/api/verdict": judgeMessage,
  "/api/dlq/peek": peekDeadLetters,
  "/api/dlq/redrive": redriveMessages,
};

/** @throws UsageError unless the request's body is a JSON object of at most 2 MiB. */
export async function readJson(request: IncomingMessage): Promise<ActionInput> {
  const contentType = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/.test(contentType)) {
    throw new UsageError(`Invalid Content-Type "${contentType}": expected application/json.`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new UsageError(`Body too large: expected at most ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (isObject(value)) return value;
  } catch (cause) {
    throw new UsageError(`Invalid JSON in the body: ${(cause as Error).message}.`, { cause });
  }
  throw new UsageError("Invalid body: expected a JSON object.");
}

function publishRequest({ message, attributes = {} }: ActionInput): PublishRequest {
  if (typeof message !== "string") throw new UsageError("Invalid message: expected a string.");
  requireUnicode("message", message);
  if (!isObject(attributes)) throw new UsageError("Invalid attributes: expected an object.");
  for (const [name, value] of Object.entries(attributes)) {
    if (!ATTRIBUTE_NAME.test(name) || name.length > 256) {
      throw new UsageError(
        `Invalid attribute name ${JSON.stringify(name.slice(0, 300))}: expected at most 256 letters, digits, "_", "-" and single dots, not starting with AWS. or Amazon.`,
      );
    }
    if (typeof value !== "string" || value === "") {
      throw new UsageError(`Invalid value for attribute ${name}: expected a non-empty string.`);
    }
    requireUnicode(`value for attribute ${name}`, value);
  }
  return { message, attributes: attributes as Record<string, string> };
}

/** @throws UsageError if the text has a lone surrogate, which UTF-8 cannot encode. */
function requireUnicode(name: string, text: string): void {
  if (text.isWellFormed()) return;
  const characters = [...text];
  const index = characters.findIndex((character) => !character.isWellFormed());
  const escaped = `\\u${characters[index]?.charCodeAt(0).toString(16)}`;
  throw new UsageError(
    `Invalid ${name}: character ${index + 1} is the lone surrogate ${escaped}, which UTF-8 cannot encode. Remove it, or write it in a JSON string as ${escaped}.`,
  );
}

/** @param input - A RedriveRequest. */
function redriveFilter({ ids, messageId, code, all }: ActionInput): DeadLetterFilter {
  const given = [ids, messageId, code, all].filter((value) => value !== undefined);
  if (given.length === 1) {
    if (all === true) return {};
    if (typeof code === "string") return { code };
    if (typeof messageId === "string") return { id: messageId };
    if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === "string")) {
      return { sqsMessageIds: new Set(ids) };
    }
  }
  throw new UsageError(
    'Invalid selection: expected one of {"ids": ["…"]}, {"messageId": "…"}, {"code": "…"} and {"all": true}.',
  );
}

function isObject(value: unknown): value is ActionInput {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
