// The handler's computed item size, against the size that DynamoDB allows.
import { randomBytes } from "node:crypto";
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { ATTRIBUTE_NAMES } from "@event-pipeline/event-model/item/attributes";
import { type SizedItem, wireItemOf } from "@event-pipeline/event-model/item/item";
import { Mapping } from "@event-pipeline/event-model/mapping/mapping";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { sizedItemOf } from "@event-pipeline/testing/items";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { SteppedClock } from "../../clock";
import { Dynamodb } from "../../dynamodb/dynamodb";
import { DYNAMODB } from "../../dynamodb/service";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";

const MAX_BYTES = 409_600;
const TableName = "events";

let services: Services;
let state: Dynamodb;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  const [storage, clock] = [new MemoryStorage(), new SteppedClock()];
  const delivery = { shuffled: false, seed: 0 };
  state = await Dynamodb.open(
    { endpoint: "", region: "us-east-1", clock, storage, observer: {}, delivery },
    undefined,
    (error) => {
      throw error;
    },
  );
  services = await startServices(() => [{ definition: DYNAMODB, state }], { clock, storage });
  dynamodb = new DynamoDBClient({ ...services.config, maxAttempts: 1 });
  const names = ["event_type", "timestamp_id"] as const;
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
    }),
  );
});

afterAll(async () => {
  dynamodb.destroy();
  await services.stop();
  await state.close();
});

/** Text that gzip can only shorten to six bits per character. */
const NOISE = randomBytes(600_000).toString("base64");

/**
 * Returns an event with the longest type and ID.
 *
 * @param more - Members that no map can hold make the handler store a text.
 */
function eventWith(pad: string, more = ""): string {
  return `{"type":"${"t".repeat(2_048)}","id":"${"i".repeat(976)}","pad":"${pad}"${more}}`;
}

const MAPPING = new Mapping([{ type: ["/type"] }]);
const PUBLISHED = {
  MessageId: "m".repeat(99),
  Subject: "é".repeat(50),
  MessageAttributes: { "ce-id": { Type: "String", Value: "1" }, traceparent: { Type: "String", Value: "00-ä" } },
};

const envelopeWith = (message: string) => parseEnvelope(envelopeOf(message, PUBLISHED));
const sizedItemWith = (message: string) => sizedItemOf(envelopeWith(message), 90, MAPPING);

/** Returns the item that the handler stores; undefined if it refuses the event as too large, and names the size. */
function sizedItem(message: string): SizedItem | undefined {
  try {
    return sizedItemWith(message);
  } catch (error) {
    if (!(error instanceof RefusedMessageError)) throw error;
    expect(error).toMatchObject({ code: "ITEM_TOO_LARGE" });
    expect(error.message).toContain(` ${Buffer.byteLength(message)} bytes`);
    return undefined;
  }
}

/** Returns an event whose gzip fills the item, and the same event with one more character, which does not fit. */
function fullGzip(): [fits: string, tooLarge: string] {
  let [low, high] = [0, NOISE.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (sizedItem(eventWith(NOISE.slice(0, middle)))) low = middle;
    else high = middle;
  }
  return [eventWith(NOISE.slice(0, low)), eventWith(NOISE.slice(0, high))];
}

/** @param character - What the event is filled with; in ASCII for the last byte. */
function fullEvent(more: string, character = "x"): string {
  const left = MAX_BYTES - sizedItemWith(eventWith("", more)).bytes;
  const size = Buffer.byteLength(character);
  return eventWith(character.repeat(Math.floor(left / size)) + "x".repeat(left % size), more);
}

test.each([
  ["map", () => fullEvent(""), ["data_encoding"]],
  ["map", () => fullEvent("", "é"), ["data_encoding"]],
  ["map", () => fullEvent("", "😀"), ["data_encoding"]],
  ["text", () => fullEvent(',"n":1e400'), []],
  // They are left out only if the event does not fit otherwise.
  ["gzip", () => fullGzip()[0], ["subject", "attributes"]],
])(
  "DynamoDB stores the largest item with a %s, and refuses a byte more than 409,600",
  async (form, messageOf, absent) => {
    const { item, bytes } = sizedItem(messageOf()) as SizedItem;
    const { M, S, B } = item.data;
    expect([M && "map", S && "text", B && "gzip"].filter(Boolean)).toEqual([form]);
    expect(ATTRIBUTE_NAMES.filter((name) => !(name in item))).toEqual(absent);
    // One more character of a text takes about six bits of its gzip.
    expect(MAX_BYTES - bytes).toBeLessThan(form === "gzip" ? 10 : 1);
    const wire = wireItemOf({ ...item, received_at: item.received_at + "0".repeat(MAX_BYTES - bytes) });
    await dynamodb.send(new PutItemCommand({ TableName, Item: wire }));
    const { event_type, timestamp_id } = wire;
    const { Item: stored = {} } = await dynamodb.send(
      new GetItemCommand({ TableName, Key: { event_type, timestamp_id } as Record<string, AttributeValue> }),
    );
    expect(Object.keys(stored).sort()).toEqual(Object.keys(item).sort());
    const Item = { ...wire, message_id: { S: `${item.message_id}m` } };
    const larger = dynamodb.send(new PutItemCommand({ TableName, Item }));
    await expect(larger).rejects.toMatchObject({ name: "ValidationException" });
  },
);

test("the handler refuses an event whose gzip does not fit, and names its size", () => {
  const [fits, tooLarge] = fullGzip();
  expect(tooLarge.length - fits.length).toBe(1);
  expect([sizedItem(fits)?.item.data_encoding, sizedItem(tooLarge)]).toEqual(["json+gzip", undefined]);
});
