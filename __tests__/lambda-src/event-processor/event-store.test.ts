import type { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { WireItem } from "@event-pipeline/event-model/item/attributes";
import type { SizedItem } from "@event-pipeline/event-model/item/item";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import fc from "fast-check";
import { Deadline } from "../../../lambda-src/event-processor/deadline";
import { NotStoredError } from "../../../lambda-src/event-processor/errors";
import { EventStore } from "../../../lambda-src/event-processor/event-store";

function itemOf(id: string, data = ""): SizedItem {
  const item = { event_type: "t", timestamp_id: id, event_id: id, data: { S: data }, received_at: "", message_id: "" };
  return { item, bytes: data.length, mapValues: 0 };
}

/** DynamoDB's response to one request: an error, or its unprocessed items. */
type Answer = "throttle" | "break" | readonly boolean[];

/** A fake BatchWriteItem that returns the scripted responses first, and then succeeds. */
class ScriptedDynamodb {
  readonly stored = new Map<string, WireItem>();
  readonly requests: WireItem[][] = [];
  constructor(
    private readonly answers: Answer[],
    private readonly isBad: (id: string) => boolean = () => false,
  ) {}

  readonly send = async ({ input }: BatchWriteItemCommand) => {
    const items = (input.RequestItems?.events ?? []).map(({ PutRequest }) => PutRequest?.Item as WireItem);
    this.requests.push(items);
    const keys = items.map(({ event_type, timestamp_id }) => `${event_type?.S} ${timestamp_id?.S}`);
    if (
      items.length > 25 ||
      new Set(keys).size < keys.length ||
      items.some(({ event_id }) => this.isBad(String(event_id?.S)))
    )
      throw named("ValidationException");
    const answer = this.answers.shift() ?? [];
    if (answer === "throttle") throw named("ProvisionedThroughputExceededException");
    const left = items.filter((_, index) => answer !== "break" && answer[index]);
    for (const item of items) if (!left.includes(item)) this.stored.set(String(item.timestamp_id?.S), item);
    if (answer === "break") throw named("TimeoutError");
    return { UnprocessedItems: { events: left.map((Item) => ({ PutRequest: { Item } })) } };
  };

  table(): EventStore {
    return new EventStore("events", this as unknown as DynamoDBDocumentClient);
  }
}

function named(name: string): Error {
  return Object.assign(new Error(`${name} by script`), { name });
}

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.constant("throttle" as const),
  fc.constant("break" as const),
  fc.array(fc.boolean(), { maxLength: 25 }),
);

describe("store", () => {
  beforeEach(() => jest.spyOn(Math, "random").mockReturnValue(0));
  afterEach(() => jest.restoreAllMocks());

  it("gives every item one outcome, for any responses from DynamoDB", async () => {
    const ids = fc.array(fc.nat(60).map(String), { maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(ids, fc.array(answer, { maxLength: 8 }), fc.nat(20), async (list, answers, modulus) => {
        const isBad = (id: string) => modulus > 3 && Number(id) % modulus === 1;
        const dynamodb = new ScriptedDynamodb([...answers], isBad);
        const items = list.map((id, index) => itemOf(id, String(index)));
        const { errorByItem, folded } = await dynamodb.table().store(items, Deadline.in(5_000));

        for (const sized of items) {
          const error = errorByItem.get(sized);
          expect(error instanceof RefusedMessageError).toBe(isBad(sized.item.event_id));
          expect(dynamodb.stored.has(sized.item.timestamp_id)).toBe(error === undefined);
        }
        // The table contains the last item of each key, as after single writes in order.
        const good = items.map(({ item }) => item).filter(({ event_id }) => !isBad(event_id));
        const last = new Map(good.map((item) => [item.timestamp_id, item]));
        expect(dynamodb.stored.size).toBe(last.size);
        for (const [key, { data }] of dynamodb.stored) expect(data).toEqual(last.get(key)?.data);
        expect(folded).toBe(good.length - last.size);
      }),
      { numRuns: 400, interruptAfterTimeLimit: 8_000 },
    );
  });

  it("stops at the deadline and returns the reason", async () => {
    const dynamodb = new ScriptedDynamodb(Array<Answer>(100_000).fill("throttle"));
    const item = itemOf("1");
    const { errorByItem } = await dynamodb.table().store([item], Deadline.in(50));
    expect(errorByItem.get(item)).toBeInstanceOf(NotStoredError);
    expect(errorByItem.get(item)?.message).toMatch(
      /^Not stored after \d+ requests. ProvisionedThroughputExceededException: /,
    );
  });

  it("returns the last error before the deadline aborted a request", async () => {
    const requests: number[] = [];
    const send = (_: BatchWriteItemCommand, { abortSignal }: { abortSignal: AbortSignal }) =>
      new Promise((_, reject) => {
        if (requests.push(0) === 1) reject(named("ThrottlingException"));
        abortSignal.addEventListener("abort", () => reject(named("AbortError")));
      });
    const item = itemOf("1");
    const table = new EventStore("events", { send } as unknown as DynamoDBDocumentClient);
    // AbortSignal.timeout() alone does not keep the process alive.
    const alive = setTimeout(() => undefined, 1_000);
    const { errorByItem } = await table.store([item], Deadline.in(400));
    clearTimeout(alive);
    // The first wait is at most 50 of the 400 ms, so the deadline always aborts a second request.
    expect(requests.length).toBeGreaterThanOrEqual(2);
    expect(errorByItem.get(item)?.message).toMatch(/^Not stored after \d+ requests. ThrottlingException: /);
  });

  it("keeps requests to 25 items and well below 16 MB", async () => {
    const dynamodb = new ScriptedDynamodb([]);
    const items = Array.from({ length: 60 }, (_, id) => itemOf(String(id), id < 50 ? "" : "x".repeat(390_000)));
    await dynamodb.table().store(items, Deadline.in(5_000));
    expect(dynamodb.stored.size).toBe(60);
    expect(dynamodb.requests.map(({ length }) => length)).toEqual([25, 25, 4, 4, 2]);
    for (const request of dynamodb.requests) {
      expect(request.reduce((bytes, { data }) => bytes + Number(data?.S?.length), 0)).toBeLessThan(1_600_000);
    }
  });
});
