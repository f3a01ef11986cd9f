import type { DeserializeMiddleware, MiddlewareStack } from "@smithy/types";
import { AnswerTooLargeError } from "../errors";

/**
 * The most bytes of an answer: these, and two for each byte of the request.
 * Nothing that the handler asks for is answered with more than it has sent:
 * BatchWriteItem names the items that it leaves. Twice, because DynamoDB writes
 * numbers and escapes in its own way.
 */
const FREE_ANSWER_BYTES = 64 * 1_024;
const ANSWER_BYTES_PER_REQUEST_BYTE = 2;

/** The parts of the SDK's HTTP request and response that are looked at. */
interface Request {
  readonly headers: Readonly<Record<string, string>>;
}

interface Response {
  body: AsyncIterable<Uint8Array> | Uint8Array;
}

interface Client {
  // Each client has middleware of its own types.
  // biome-ignore lint/suspicious/noExplicitAny: only the request's length and the answer's body are looked at.
  readonly middlewareStack: MiddlewareStack<any, any>;
}

/**
 * Makes `client` read each answer whole, an error's too, and give up one that is
 * too long. The SDK gathers whatever comes: an answer without an end would fill
 * the function's memory.
 */
export function boundAnswers<C extends Client>(client: C): C {
  client.middlewareStack.addRelativeTo(readAnswer, {
    name: "boundAnswers",
    relation: "after",
    toMiddleware: "deserializerMiddleware",
  });
  return client;
}

const readAnswer: DeserializeMiddleware<object, object> = (next) => async (args) => {
  const result = await next(args);
  const { headers } = args.request as Request;
  const response = result.response as Response;
  const maxBytes = FREE_ANSWER_BYTES + ANSWER_BYTES_PER_REQUEST_BYTE * Number(headers["content-length"] ?? 0);
  // Bytes, which the SDK can read again.
  response.body = await wholeBody(response.body, maxBytes);
  return result;
};

async function wholeBody(body: Response["body"], maxBytes: number): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > maxBytes) throw new AnswerTooLargeError(`The answer has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
