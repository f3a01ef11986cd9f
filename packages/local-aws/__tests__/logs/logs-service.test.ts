import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import fc from "fast-check";

const GROUP = "/aws/lambda/local-event-processor";

interface Output {
  readonly __type?: string;
  readonly message?: string;
  readonly nextToken?: string;
  readonly logGroups?: readonly { readonly logGroupName: string; readonly arn: string; readonly storedBytes: number }[];
  readonly events?: readonly {
    readonly message: string;
    readonly timestamp: number;
    readonly eventId: string;
    readonly logStreamName: string;
  }[];
}

let run: LocalRun;
let ids: string[];
const startedAt = Date.now();

beforeAll(async () => {
  run = await LocalRun.start();
  ids = [];
  for (const Message of ["poison", "NaN", "[]"]) {
    const { MessageId } = await run.clients.sns.send(
      new PublishCommand({ TopicArn: run.output("topic_arn"), Message }),
    );
    ids.push(String(MessageId));
  }
  for (const id of ids) await run.waitForHop(id, "processed");
  // Lines that the local run has printed are in the log group.
  for (const id of ids) await run.waitFor(({ kind, line }) => kind === "log" && JSON.stringify(line).includes(id));
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function post(action: string, body: unknown): Promise<{ status: number; output: Output }> {
  const response = await fetch(run.ready.endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Logs_20140328.${action}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.1");
  return { status: response.status, output: (await response.json()) as Output };
}

async function filter(input: object): Promise<Output> {
  const { status, output } = await post("FilterLogEvents", { logGroupName: GROUP, ...input });
  expect(output).not.toHaveProperty("__type");
  expect(status).toBe(200);
  return output;
}

test("finds the log lines of a message by its MessageId", async () => {
  for (const id of ids) {
    const { events = [] } = await filter({ filterPattern: `"${id}"` });
    expect(events.map(({ message }) => JSON.parse(message))).toMatchObject([
      { message: "record refused", sns_message_id: id },
      { message: "batch processed", ends: [{ end: "refused", sns_message_id: id }] },
    ]);
    expect(events[0]?.timestamp).toBeGreaterThanOrEqual(startedAt);
  }
});

test("filters by JSON pattern, time and log stream, and finds the log group by name or ARN", async () => {
  const all = (await filter({})).events ?? [];
  const refused = all.filter(({ message }) => JSON.parse(message).message === "record refused");
  const texts = async (input: object) => (await filter(input)).events;
  expect(await texts({ filterPattern: '{ $.message = "record refused" }' })).toEqual(refused);
  const [first] = refused;
  const at = Number(first?.timestamp);
  expect(await texts({ startTime: at, endTime: at })).toEqual(all.filter(({ timestamp }) => timestamp === at));
  expect(await texts({ endTime: startedAt - 1 })).toEqual([]);
  expect(await texts({ logStreamNames: [first?.logStreamName] })).toEqual(all);
  expect(await texts({ logStreamNames: ["other"] })).toEqual([]);
  // `aws logs tail` sends `interleaved` and `unmask`, which have no effect.
  expect(await texts({ interleaved: true, unmask: false, startTime: startedAt, filterPattern: null })).toEqual(all);
  expect(await texts({ logStreamNamePrefix: first?.logStreamName.slice(0, 4) })).toEqual(all);
  const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}`;
  for (const logGroupIdentifier of [GROUP, arn, `${arn}:*`]) {
    expect((await post("FilterLogEvents", { logGroupIdentifier })).output.events).toEqual(all);
  }
});

test("returns each line exactly once and in order across pages", async () => {
  const all = (await filter({})).events ?? [];
  const paged = [];
  let nextToken: string | undefined;
  do {
    const page = await filter({ limit: 1, nextToken });
    expect(page.events).toHaveLength(1);
    paged.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && paged.length < all.length);
  expect(nextToken).toBeUndefined();
  expect(paged).toEqual(all);
  expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(all.length);
});

test("DescribeLogGroups lists each function's log group", async () => {
  const names = async (input: object) =>
    (await post("DescribeLogGroups", input)).output.logGroups?.map(({ logGroupName }) => logGroupName);
  const alerts = "/aws/lambda/local-alerts-processor";
  const { output } = await post("DescribeLogGroups", {});
  expect(output.logGroups?.at(-1)).toMatchObject({
    logGroupName: GROUP,
    arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:*`,
    storedBytes: expect.any(Number),
  });
  const all = output.logGroups?.map(({ logGroupName }) => logGroupName) ?? [];
  expect(all).toContain(GROUP);
  expect(await names({ logGroupNamePrefix: GROUP })).toEqual([GROUP]);
  expect(await names({ logGroupNamePrefix: alerts })).toEqual(all.filter((name) => name === alerts));
  expect(await names({ logGroupNamePattern: "event-proc" })).toEqual([GROUP]);
  expect(await names({ logGroupNamePattern: "none" })).toEqual([]);
});

const invalid = "InvalidParameterException";
const nested = `${'{"logGroupName":'.repeat(5_000)}1${"}".repeat(5_000)}`;

test.each([
  ["FilterLogEvents", { logGroupName: "none" }, 400, "ResourceNotFoundException", "log group does not exist"],
  ["FilterLogEvents", "", 400, "SerializationException", "The request is not valid JSON"],
  ["FilterLogEvents", "{", 400, "SerializationException", "The request is not valid JSON"],
  ["FilterLogEvents", "null", 400, invalid, "The request must be a JSON object."],
  ["FilterLogEvents", [], 400, invalid, "The request must be a JSON object."],
  ["FilterLogEvents", nested, 400, invalid, "logGroupName must be a string"],
  ["FilterLogEvents", {}, 400, invalid, "either logGroupName or logGroupIdentifier"],
  ["FilterLogEvents", { logGroupName: GROUP, logGroupIdentifier: GROUP }, 400, invalid, "either logGroupName or"],
  ["FilterLogEvents", { logGroupName: 7 }, 400, invalid, "logGroupName must be a string"],
  ["FilterLogEvents", { logGroupName: GROUP, limit: 0 }, 400, invalid, "limit must be a whole number from 1 to 10000."],
  ["FilterLogEvents", { logGroupName: GROUP, limit: "1" }, 400, invalid, "limit must be a whole number"],
  ["FilterLogEvents", { logGroupName: GROUP, startTime: -1 }, 400, invalid, "startTime must be a whole number"],
  ["FilterLogEvents", { logGroupName: GROUP, endTime: {} }, 400, invalid, "endTime must be a whole number"],
  ["FilterLogEvents", { logGroupName: GROUP, nextToken: "x" }, 400, invalid, "nextToken is invalid"],
  ["FilterLogEvents", { logGroupName: GROUP, logStreamNames: "x" }, 400, invalid, "logStreamNames must be a list"],
  ["FilterLogEvents", { logGroupName: GROUP, logStreamNames: [7] }, 400, invalid, "logStreamNames must be a list"],
  ["FilterLogEvents", { logGroupName: GROUP, filterPattern: [] }, 400, invalid, "filterPattern must be a string"],
  ["FilterLogEvents", { logGroupName: GROUP, filterPattern: "a-b" }, 400, invalid, 'filter pattern at \\"a-b\\"'],
  ["FilterLogEvents", { logGroupName: GROUP, since: 1 }, 400, invalid, 'does not support the parameter \\"since\\"'],
  ["DescribeLogGroups", "null", 400, invalid, "The request must be a JSON object."],
  ["DescribeLogGroups", { limit: 51 }, 400, invalid, "limit must be a whole number from 1 to 50."],
  ["DescribeLogGroups", { logGroupNamePrefix: "a", logGroupNamePattern: "b" }, 400, invalid, "must not have both"],
  [
    "DescribeLogStreams",
    {},
    501,
    "UnknownOperationException",
    "does not support CloudWatch Logs DescribeLogStreams. Supported CloudWatch Logs actions: DescribeLogGroups and FilterLogEvents.",
  ],
  ["__proto__", {}, 501, "UnknownOperationException", "does not support CloudWatch Logs __proto__"],
] as const)("responds to %s %j with %s %s", async (action, body, status, type, message) => {
  const found = await post(action, body);
  expect(found.output.__type).toBe(type);
  expect(JSON.stringify(found.output.message)).toContain(message);
  expect(found.status).toBe(status);
});

test("responds with 413 to a body that is too large", async () => {
  const { status, output } = await post("FilterLogEvents", { logGroupName: "x".repeat(3 * 1024 * 1024) });
  expect(output.__type).toBe("SerializationException");
  expect(status).toBe(413);
});

test("responds to random requests in CloudWatch Logs' format", async () => {
  const value = fc.oneof(fc.jsonValue(), fc.integer(), fc.string(), fc.constantFrom(GROUP, "", "{", "a ?b", '"'));
  const keys = [
    "logGroupName",
    "logGroupIdentifier",
    "filterPattern",
    "limit",
    "startTime",
    "logStreamNames",
    "nextToken",
  ];
  const input = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: keys.length });
  const body = fc.oneof(input, fc.jsonValue(), fc.string());
  const action = fc.constantFrom("FilterLogEvents", "DescribeLogGroups", "PutLogEvents", "toString");
  await fc.assert(
    fc.asyncProperty(action, body, async (name, sent) => {
      const { status, output } = await post(name, sent);
      if (status === 200) expect(Array.isArray(output.events ?? output.logGroups)).toBe(true);
      else
        expect([status, output.__type, typeof output.message]).toEqual([
          expect.any(Number),
          expect.stringMatching(/Exception$/),
          "string",
        ]);
      expect([200, 400, 501]).toContain(status);
    }),
    { numRuns: 500 },
  );
});
