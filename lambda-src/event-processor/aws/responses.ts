import { crc32 } from "node:zlib";
import type { BatchWriteItemCommandInput } from "@aws-sdk/client-dynamodb";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { keyOf, keyText } from "@event-pipeline/event-model/item/attributes";
import type { DeserializeMiddleware, HttpRequest, HttpResponse, Pluggable } from "@smithy/types";
import { AnswerTooLargeError, UnacknowledgedError } from "../errors";

/**
 * Maximum size of a response: 64 KiB, plus 2 bytes per byte of the request. The largest valid response returns all items of
 * a BatchWriteItem request. The factor 2 allows for DynamoDB's different formatting of numbers and escapes.
 */
const FREE_RESPONSE_BYTES = 64 * 1_024;
const RESPONSE_BYTES_PER_REQUEST_BYTE = 2;

/**
 * Returns a plugin with which a client reads each response completely, and rejects a response that is too large. Without
 * the plugin, an endless response would fill the function's memory.
 *
 * @param check - Called with each response that was read. Throws to reject the response.
 * @example
 * client.middlewareStack.use(limitResponseSize());
 */
export function limitResponseSize<Input extends object, Output extends object>(
  check?: (response: HttpResponse, input: Input) => void,
): Pluggable<Input, Output> {
  const readBody: DeserializeMiddleware<Input, Output> = (next) => async (args) => {
    const result = await next(args);
    const { headers } = args.request as HttpRequest;
    const response = result.response as HttpResponse;
    const maxBytes = FREE_RESPONSE_BYTES + RESPONSE_BYTES_PER_REQUEST_BYTE * Number(headers["content-length"] ?? 0);
    // Bytes, because the SDK reads the body again.
    response.body = await wholeBody(response.body, maxBytes);
    check?.(response, args.input);
    return result;
  };
  const place = { name: "limitResponseSize", relation: "after", toMiddleware: "deserializerMiddleware" } as const;
  return { applyToStack: (stack) => stack.addRelativeTo(readBody, place) };
}

async function wholeBody(body: AsyncIterable<Uint8Array> | Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Throwing inside the loop closes the connection.
    if (bytes > maxBytes) throw new AnswerTooLargeError(`The answer has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/**
 * Rejects a BatchWriteItem response that does not say which items are stored. The SDK treats any body with status 200, even
 * an empty one, as if all items were stored.
 *
 * @throws UnacknowledgedError
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export function checkAcknowledgement({ statusCode, headers, body }: HttpResponse, input: object): void {
  if (statusCode >= 300) return;
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString();
  const problem = problemOf(text, (input as BatchWriteItemCommandInput).RequestItems ?? {});
  if (problem !== undefined) {
    throw new UnacknowledgedError(
      `DynamoDB's answer does not say what became of the items: ${problem}: ${excerpt(text)}`,
    );
  }
  // DynamoDB sends the CRC32 of most bodies.
  const crc = headers["x-amz-crc32"];
  if (crc !== undefined && Number(crc) !== crc32(body)) {
    throw new UnacknowledgedError(`DynamoDB's answer was damaged on its way: its CRC32 is ${crc32(body)}, not ${crc}.`);
  }
}

type RequestItems = NonNullable<BatchWriteItemCommandInput["RequestItems"]>;

/** Returns what is wrong with a response; undefined if `UnprocessedItems` is a map with only requests that were sent. */
function problemOf(text: string, sent: RequestItems): string | undefined {
  const response = parse(text);
  if (!isObject(response)) return "it is no JSON object";
  const { UnprocessedItems: left } = response;
  if (!isObject(left)) return "it has no map UnprocessedItems";
  for (const [table, requests] of Object.entries(left)) {
    if (!Object.hasOwn(sent, table)) return "UnprocessedItems names a table that nothing was sent to";
    if (!Array.isArray(requests)) return "UnprocessedItems has no list of requests";
    const sentKeys = new Set(sent[table]?.map(({ PutRequest }) => keyText(keyOf(PutRequest?.Item ?? {}))));
    for (const request of requests as RequestItems[string]) {
      if (!sentKeys.has(keyText(keyOf(request?.PutRequest?.Item ?? {}))))
        return "UnprocessedItems has an item that was not sent";
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller reports that it is not an object.
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
