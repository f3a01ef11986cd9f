import { crc32 } from "node:zlib";
import type {
  BatchWriteItemCommandInput,
  DynamoDBClient,
  ServiceInputTypes,
  ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import type { DeserializeMiddleware } from "@smithy/types";
import { UnacknowledgedError } from "../errors";
import { boundAnswers } from "./bounded-answers";

type WireItem = Readonly<Record<string, { readonly S?: unknown } | undefined>>;
type WireRequests = Readonly<Record<string, readonly { readonly PutRequest?: { readonly Item?: WireItem } }[]>>;

/** The parts of the SDK's HTTP response that are looked at. */
interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Read whole by `boundAnswers`. */
  readonly body: Uint8Array;
}

/**
 * Makes `client` refuse an answer to BatchWriteItem that does not say what
 * became of the items. The SDK takes any body with status 200, an empty one
 * included, for one that left nothing unprocessed.
 */
export function demandAcknowledgement(client: DynamoDBClient): DynamoDBClient {
  boundAnswers(client).middlewareStack.addRelativeTo(readAnswer, {
    name: "demandAcknowledgement",
    relation: "before",
    toMiddleware: "boundAnswers",
  });
  return client;
}

const readAnswer: DeserializeMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => async (args) => {
  const result = await next(args);
  const response = result.response as Response;
  if (response.statusCode >= 300) return result;
  const { RequestItems } = args.input as BatchWriteItemCommandInput;
  checkAnswer(response.body, response.headers["x-amz-crc32"], RequestItems as WireRequests);
  return result;
};

/**
 * @param crc - What DynamoDB says the body's CRC32 is, if it does.
 * @throws UnacknowledgedError
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
function checkAnswer(body: Uint8Array, crc: string | undefined, sent: WireRequests): void {
  const text = Buffer.from(body).toString();
  const problem = problemOf(text, sent);
  if (problem !== undefined) {
    throw new UnacknowledgedError(
      `DynamoDB's answer does not say what became of the items: ${problem}: ${excerpt(text)}`,
    );
  }
  if (crc !== undefined && Number(crc) !== crc32(body)) {
    throw new UnacknowledgedError(`DynamoDB's answer was damaged on its way: its CRC32 is ${crc32(body)}, not ${crc}.`);
  }
}

/** Documented is a map, empty when nothing is left, else of the table to requests that were sent. */
function problemOf(text: string, sent: WireRequests): string | undefined {
  const answer = parse(text);
  if (!isObject(answer)) return "it is no JSON object";
  const { UnprocessedItems: left } = answer;
  if (!isObject(left)) return "it has no map UnprocessedItems";
  for (const [table, requests] of Object.entries(left)) {
    if (!Object.hasOwn(sent, table)) return "UnprocessedItems names a table that nothing was sent to";
    if (!Array.isArray(requests)) return "UnprocessedItems has no list of requests";
    const sentKeys = new Set(sent[table]?.map(({ PutRequest }) => keyOf(PutRequest?.Item)));
    for (const request of requests as WireRequests[string]) {
      if (!sentKeys.has(keyOf(request?.PutRequest?.Item))) return "UnprocessedItems has an item that was not sent";
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Whoever asked says that it is none.
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keyOf(item: WireItem | undefined): string {
  return JSON.stringify([item?.[PARTITION_KEY]?.S, item?.[SORT_KEY]?.S]);
}
