import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { FakeAws, receiptOf, reply } from "../../helpers/fake-aws";
import {
  always,
  error,
  first,
  halfAnswerThenClose,
  halfAnswerThenSilence,
  refuse,
  reset,
  silence,
  takeOnly,
} from "../../helpers/faults";
import { catchOutput, type Line } from "../../helpers/output";
import { contextOf, recordOfEvent } from "../../helpers/sqs-records";

const aws = new FakeAws();
let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
let output: ReturnType<typeof catchOutput>;

beforeAll(async () => {
  const endpoint = await aws.start();
  Object.assign(process.env, {
    TABLE_NAME: "events",
    DEAD_LETTER_QUEUE_URL: `${endpoint}/123456789012/events-dlq`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_LAMBDA_FUNCTION_NAME: "event-processor",
  });
  ({ handler } = await import("../../../lambda-src/event-processor/index"));
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.reset();
  output = catchOutput();
});
afterEach(() => output.restore());

const NOT_JSON = "{cut off";

function goodRecords(count: number): SQSRecord[] {
  return Array.from({ length: count }, (_, index) => recordOfEvent({ type: "scan.done", id: `e-${index}` }));
}

interface Outcome {
  readonly stored: number;
  readonly deadLettered: number;
  readonly retried: number;
  readonly ms: number;
}

/** Invokes the handler and sees to it that every record came to exactly one end. */
async function invoke(records: readonly SQSRecord[], timeoutMs: number): Promise<Outcome> {
  const start = performance.now();
  const { batchItemFailures } = await handler({ Records: [...records] }, contextOf(timeoutMs));
  const ms = performance.now() - start;
  expect(ms).toBeLessThan(timeoutMs);

  const retried = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  expect(retried.size).toBe(batchItemFailures.length);
  const deadLettered = aws.letters.map(({ MessageAttributes }) => MessageAttributes.original_message_id?.StringValue);
  expect(new Set(deadLettered).size).toBe(deadLettered.length);
  const stored = new Set([...aws.items.values()].map(({ message_id }) => message_id?.S));
  let storedCount = 0;
  for (const { messageId, body } of records) {
    const isRetried = retried.has(messageId);
    const isDead = deadLettered.includes(messageId);
    const isStored = stored.has((JSON.parse(body) as { MessageId: string }).MessageId);
    // A request that was cut off may have stored what is retried: the retry writes the same item.
    expect([isRetried || isStored, isDead].filter(Boolean)).toHaveLength(1);
    if (isStored && !isRetried) storedCount += 1;
  }
  return { stored: storedCount, deadLettered: deadLettered.length, retried: retried.size, ms };
}

function logged(message: string): Line[] {
  return output.lines().filter((line) => line.message === message);
}

function metric(name: string): unknown {
  return output.lines().find((line) => "_aws" in line && !("error_code" in line))?.[name];
}

describe("all is well", () => {
  it("stores a batch with one request, one log line and its metrics", async () => {
    expect(await invoke(goodRecords(10), 5_000)).toMatchObject({ stored: 10, deadLettered: 0, retried: 0 });
    expect(aws.requests).toHaveLength(1);
    expect(output.lines().filter((line) => "level" in line)).toEqual([
      expect.objectContaining({ message: "batch processed", records: 10, stored: 10, refused: 0, retried: 0 }),
    ]);
    expect(metric("EventsStored")).toBe(10);
    expect(metric("EventAgeAtStorage")).toHaveLength(10);
  });

  it("folds events of one key and counts them", async () => {
    const event = { type: "a", id: "1", source: "s", time: "2026-01-01T00:00:00Z" };
    const { batchItemFailures } = await handler(
      { Records: [recordOfEvent(event), recordOfEvent(event), recordOfEvent(event)] },
      contextOf(5_000),
    );
    expect(batchItemFailures).toEqual([]);
    expect(aws.items.size).toBe(1);
    expect(metric("EventsStored")).toBe(1);
    expect(metric("DuplicatesFolded")).toBe(2);
  });

  it("answers an empty batch", async () => {
    expect(await invoke([], 5_000)).toMatchObject({ stored: 0, retried: 0 });
  });
});

describe("DynamoDB fails for a while", () => {
  it.each([
    ["throttles all", error(400, "ProvisionedThroughputExceededException")],
    ["throttles the client", error(400, "ThrottlingException")],
    ["throttles the account", error(400, "RequestLimitExceeded")],
    ["has an error of its own", error(500, "InternalServerError")],
    ["is not available", error(503, "ServiceUnavailable")],
    ["resets connections", reset],
    ["breaks off its answer", halfAnswerThenClose],
    ["has no such table yet", error(400, "ResourceNotFoundException")],
    ["takes only part", takeOnly(3)],
    ["takes nothing", takeOnly(0)],
  ])("%s: stores everything within the same invocation", async (_, fault) => {
    aws.faults = [first(2, "BatchWriteItem", fault)];
    expect(await invoke(goodRecords(10), 5_000)).toMatchObject({ stored: 10, deadLettered: 0, retried: 0 });
    expect(aws.items.size).toBe(10);
    expect(aws.requests).toHaveLength(3);
    expect(metric("EventsRetried")).toBe(0);
  });

  it("sends again only what was left", async () => {
    aws.faults = [first(1, "BatchWriteItem", takeOnly(7))];
    await invoke(goodRecords(10), 5_000);
    expect(aws.requests.map(({ items }) => items.length)).toEqual([10, 3]);
  });

  it.each([
    ["hangs", silence],
    ["stops halfway through an answer", halfAnswerThenSilence],
  ])("%s: one such request does not eat the time of the batch", async (_, fault) => {
    aws.faults = [first(1, "BatchWriteItem", fault)];
    const { stored, ms } = await invoke(goodRecords(10), 10_000);
    expect(stored).toBe(10);
    expect(ms).toBeLessThan(4_500);
  });
});

describe("DynamoDB fails until the time is up", () => {
  it.each([
    ["throttles", error(400, "ProvisionedThroughputExceededException"), "ProvisionedThroughputExceededException"],
    ["has errors", error(500, "InternalServerError"), "InternalServerError"],
    ["resets connections", reset, "ECONNRESET|socket hang up"],
    ["hangs", silence, "AbortError|TimeoutError"],
    ["stops halfway", halfAnswerThenSilence, "AbortError|TimeoutError|aborted"],
    ["has no such table", error(400, "ResourceNotFoundException"), "ResourceNotFoundException"],
    ["takes nothing", takeOnly(0), "unprocessed"],
  ])("%s: hands everything back, before a timeout of one second", async (_, fault, reason) => {
    aws.faults = [first(always, "BatchWriteItem", fault)];
    const records = [...goodRecords(4), recordOfEvent(NOT_JSON)];
    expect(await invoke(records, 1_000)).toMatchObject({ stored: 0, deadLettered: 1, retried: 4 });
    expect(logged("record handed back")).toHaveLength(4);
    expect(logged("record handed back")[0]).toMatchObject({
      level: "WARN",
      sqs_message_id: records[0]?.messageId,
      sns_message_id: expect.stringContaining("5a1f6d1c"),
      error_code: "NotStoredError",
      reason: expect.stringMatching(reason),
    });
    expect(metric("EventsRetried")).toBe(4);
    expect(metric("EventsRefused")).toBe(1);
  });

  it("takes some and never the rest: hands back only the rest", async () => {
    const hot = (id: number) => id >= 6;
    aws.faults = [
      (request, response, fake) =>
        request.operation === "BatchWriteItem" &&
        takeOnly(request.items.filter((item) => !hot(Number(String(item.event_id?.S).slice(2)))).length)(
          request,
          response,
          fake,
        ),
    ];
    expect(await invoke(goodRecords(10), 1_000)).toMatchObject({ stored: 6, deadLettered: 0, retried: 4 });
  });
});

describe("DynamoDB refuses an item", () => {
  const isBad = (item: { event_id?: { S?: unknown } }) => item.event_id?.S === "e-4";

  it("stores its neighbours and dead-letters it at the first attempt", async () => {
    aws.faults = [refuse(isBad)];
    expect(await invoke(goodRecords(10), 5_000)).toMatchObject({ stored: 9, deadLettered: 1, retried: 0 });
    expect(aws.letters[0]?.MessageAttributes.error_code?.StringValue).toBe("REFUSED_BY_DYNAMODB");
    expect(aws.letters[0]?.MessageAttributes.error_message?.StringValue).toContain("The item is bad.");
    expect(logged("record refused")).toEqual([
      expect.objectContaining({ level: "ERROR", error_code: "REFUSED_BY_DYNAMODB" }),
    ]);
  });

  it("does so although every other request is throttled", async () => {
    let count = 0;
    aws.faults = [
      (request, response, fake) => {
        count += request.operation === "BatchWriteItem" ? 1 : 0;
        return count % 2 === 1 && request.operation === "BatchWriteItem" && takeOnly(0)(request, response, fake);
      },
      refuse(isBad),
    ];
    expect(await invoke(goodRecords(10), 10_000)).toMatchObject({ stored: 9, deadLettered: 1, retried: 0 });
  });
});

describe("SQS fails", () => {
  const records = () => [...goodRecords(2), recordOfEvent(NOT_JSON), recordOfEvent("[]")];

  it.each([
    ["refuses", error(403, "AccessDeniedException"), "AccessDenied"],
    ["has errors", error(500, "InternalError"), "InternalError"],
    ["hangs", silence, "AbortError"],
  ])("%s: hands back what it should have taken and stores the rest", async (_, fault, reason) => {
    aws.faults = [first(always, "SendMessageBatch", fault)];
    expect(await invoke(records(), 1_000)).toMatchObject({ stored: 2, deadLettered: 0, retried: 2 });
    expect(logged("record handed back")[0]).toMatchObject({
      error_code: "NotDeadLetteredError",
      reason: expect.stringMatching(reason),
    });
    expect(logged("record handed back")[0]?.reason).toContain("NOT_JSON");
    expect(metric("EventsRefused")).toBe(0);
  });

  it("takes one of two: hands back the other", async () => {
    aws.faults = [
      ({ operation, letters }, response, fake) => {
        const [one, other] = letters;
        if (operation !== "SendMessageBatch" || !one || !other) return false;
        fake.letters.push(one);
        const Failed = [{ Id: other.Id, SenderFault: false, Code: "InternalError", Message: "try again" }];
        reply(response, 200, { Successful: [receiptOf(one)], Failed });
        return true;
      },
    ];
    expect(await invoke(records(), 5_000)).toMatchObject({ stored: 2, deadLettered: 1, retried: 1 });
  });

  it("had its connection reset while the function was frozen: sends again", async () => {
    aws.faults = [first(1, "SendMessageBatch", reset)];
    expect(await invoke(records(), 5_000)).toMatchObject({ stored: 2, deadLettered: 2, retried: 0 });
  });
});

it("answers although nothing does, and there is no time", async () => {
  aws.faults = [silence];
  const { batchItemFailures } = await handler(
    { Records: [...goodRecords(2), recordOfEvent(NOT_JSON)] },
    { ...contextOf(0), getRemainingTimeInMillis: () => 0 },
  );
  expect(batchItemFailures).toHaveLength(3);
});

it("says nothing of an event's content in its logs", async () => {
  await invoke([recordOfEvent({ type: "a", password: "hunter2" }), recordOfEvent(["hunter2".repeat(100)])], 5_000);
  const text = JSON.stringify(output.lines());
  expect(text.length).toBeLessThan(5_000);
  expect(text).not.toContain("password");
});
