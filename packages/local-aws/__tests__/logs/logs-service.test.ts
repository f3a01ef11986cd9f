import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import fc from "fast-check";
import { SteppedClock } from "../../clock";
import { Logs } from "../../logs/logs";
import { LOGS } from "../../logs/service";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";

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

let services: Services;
const clock = new SteppedClock(Date.UTC(2030, 0, 2));
const START = clock.now();
const ids = ["id-1", "id-2", "id-3"];

beforeAll(async () => {
  const storage = new MemoryStorage();
  const create = (endpoint: string) => {
    const delivery = { shuffled: false, seed: 0 };
    const logs = new Logs({ endpoint, region: "us-east-1", clock, storage, observer: {}, delivery });
    logs.group("/aws/lambda/other-function");
    for (const id of ids) {
      void clock.advance(1_000);
      logs.group(GROUP).put(JSON.stringify({ level: "WARN", message: "record refused", sns_message_id: id }));
      logs
        .group(GROUP)
        .put(JSON.stringify({ message: "batch processed", ends: [{ end: "refused", sns_message_id: id }] }));
    }
    return [{ definition: LOGS, state: logs }];
  };
  services = await startServices(create, { clock, storage });
});

afterAll(async () => services.stop());

async function post(action: string, body: unknown): Promise<{ status: number; output: Output }> {
  const response = await fetch(services.endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Logs_20140328.${action}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.1");
  const output = (await response.json()) as Output;
  const type = output.__type?.replace("com.amazonaws.cloudwatchlogs#", "");
  return { status: response.status, output: { ...output, ...(type && { __type: type }) } };
}

async function filter(input: object): Promise<Output> {
  const { status, output } = await post("FilterLogEvents", { logGroupName: GROUP, ...input });
  expect(output).not.toHaveProperty("__type");
  expect(status).toBe(200);
  return output;
}

test("creates and deletes log groups", async () => {
  const logGroupName = "/test/created";
  const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
  const names = async () => {
    const { output } = await post("DescribeLogGroups", { logGroupNamePrefix: logGroupName });
    return output.logGroups?.map((group) => group.logGroupName);
  };
  const type = async (action: string, input: object) => (await post(action, input)).output.__type;
  expect(await type("CreateLogGroup", { logGroupName })).toBeUndefined();
  expect(await type("CreateLogGroup", { logGroupName })).toBe("ResourceAlreadyExistsException");
  expect(await type("CreateLogGroup", { logGroupName: "a b" })).toBe("InvalidParameterException");
  expect(await names()).toEqual([logGroupName]);
  expect((await post("ListTagsForResource", { resourceArn })).output).toEqual({ tags: {} });
  expect(await type("DeleteLogGroup", { logGroupName })).toBeUndefined();
  expect(await names()).toEqual([]);
  expect(await type("DeleteLogGroup", { logGroupName })).toBe("ResourceNotFoundException");
  expect(await type("ListTagsForResource", { resourceArn })).toBe("ResourceNotFoundException");
});

test("finds the log lines of a message by its MessageId", async () => {
  for (const id of ids) {
    const { events = [] } = await filter({ filterPattern: `"${id}"` });
    expect(events.map(({ message }) => JSON.parse(message))).toMatchObject([
      { message: "record refused", sns_message_id: id },
      { message: "batch processed", ends: [{ end: "refused", sns_message_id: id }] },
    ]);
    expect(events[0]?.timestamp).toBe(START + 1_000 * (ids.indexOf(id) + 1));
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
  expect(await texts({ endTime: START - 1 })).toEqual([]);
  expect(await texts({ logStreamNames: [first?.logStreamName] })).toEqual(all);
  expect(await texts({ logStreamNames: ["other"] })).toEqual([]);
  // `aws logs tail` sends `interleaved` and `unmask`, which have no effect.
  expect(await texts({ interleaved: true, unmask: false, startTime: START, filterPattern: null })).toEqual(all);
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
  const { output } = await post("DescribeLogGroups", {});
  expect(output.logGroups?.[0]).toMatchObject({
    logGroupName: GROUP,
    arn: `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}:*`,
    logGroupClass: "STANDARD",
    storedBytes: expect.any(Number),
  });
  expect(await names({})).toEqual([GROUP, "/aws/lambda/other-function"]);
  expect(await names({ logGroupNamePrefix: GROUP })).toEqual([GROUP]);
  expect(await names({ logGroupNamePattern: "event-proc" })).toEqual([GROUP]);
  expect(await names({ logGroupNamePattern: "none" })).toEqual([]);
});

test("DescribeLogStreams lists the group's stream, in which its events are", async () => {
  const client = new CloudWatchLogsClient(services.config);
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
  const { logStreams } = await client.send(
    new DescribeLogStreamsCommand({ logGroupIdentifier: GROUP, descending: true }),
  );
  const [{ logStreamName = "", timestamp } = {}] = events;
  expect(logStreams).toEqual([
    expect.objectContaining({
      logStreamName,
      firstEventTimestamp: timestamp,
      lastEventTimestamp: events.at(-1)?.timestamp,
    }),
  ]);
  expect(logStreamName).toMatch(/^2030\/01\/02\/\[\$LATEST\][0-9a-f]{32}$/);
  for (const input of [
    { logGroupName: GROUP, logStreamNamePrefix: "x" },
    { logGroupName: "/aws/lambda/other-function" },
  ]) {
    expect((await client.send(new DescribeLogStreamsCommand(input))).logStreams).toEqual([]);
  }
  client.destroy();
});

const invalid = "InvalidParameterException";
const nested = `${'{"logGroupName":'.repeat(5_000)}1${"}".repeat(5_000)}`;

test.each([
  ["FilterLogEvents", { logGroupName: "none" }, 400, "ResourceNotFoundException", "log group does not exist"],
  ["FilterLogEvents", "", 400, invalid, "either logGroupName or logGroupIdentifier"],
  ["FilterLogEvents", "{", 400, "SerializationException", "The request is not valid JSON"],
  ["FilterLogEvents", "null", 400, invalid, "The request must be a JSON object."],
  ["FilterLogEvents", [], 400, invalid, "The request must be a JSON object."],
  ["FilterLogEvents", nested, 400, invalid, "logGroupName must be a string"],
  ["FilterLogEvents", {}, 400, invalid, "either logGroupName or logGroupIdentifier"],
  ["FilterLogEvents", { logGroupName: GROUP, logGroupIdentifier: GROUP }, 400, invalid, "either logGroupName or"],
  ["FilterLogEvents", { logGroupName: 7 }, 400, invalid, "logGroupName must be a string"],
  ["FilterLogEvents", { logGroupName: GROUP, limit: 0 }, 400, invalid, "limit must be a whole number from 1 to 10000."],
  ["FilterLogEvents", { logGroupName: GROUP, limit: "1" }, 400, invalid, "limit must be a number"],
  ["FilterLogEvents", { logGroupName: GROUP, startTime: -1 }, 400, invalid, "startTime must be a whole number"],
  ["FilterLogEvents", { logGroupName: GROUP, endTime: {} }, 400, invalid, "endTime must be a number"],
  ["FilterLogEvents", { logGroupName: GROUP, nextToken: "x" }, 400, invalid, "nextToken is invalid"],
  ["FilterLogEvents", { logGroupName: GROUP, logStreamNames: "x" }, 400, invalid, "logStreamNames must be a list"],
  ["FilterLogEvents", { logGroupName: GROUP, logStreamNames: [7] }, 400, invalid, "logStreamNames[0] must be a string"],
  [
    "FilterLogEvents",
    { logGroupName: GROUP, startFromHead: false },
    501,
    "UnknownOperationException",
    "startFromHead false",
  ],
  ["FilterLogEvents", { logGroupName: GROUP, filterPattern: [] }, 400, invalid, "filterPattern must be a string"],
  [
    "FilterLogEvents",
    { logGroupName: GROUP, filterPattern: "a-b" },
    501,
    "UnknownOperationException",
    'filter pattern at \\"a-b\\". Supported: terms',
  ],
  ["FilterLogEvents", { logGroupName: GROUP, startTime: 2, endTime: 1 }, 400, invalid, "startTime 2 is after"],
  ["DescribeLogGroups", "null", 400, invalid, "The request must be a JSON object."],
  ["DescribeLogGroups", { limit: 51 }, 400, invalid, "limit must be a whole number from 1 to 50."],
  ["DescribeLogGroups", { logGroupNamePrefix: "a", logGroupNamePattern: "b" }, 400, invalid, "must not have both"],
  [
    "DescribeLogStreams",
    { logGroupName: GROUP, limit: 51 },
    400,
    invalid,
    "limit must be a whole number from 1 to 50.",
  ],
  ["DescribeLogStreams", { logGroupName: GROUP, orderBy: "x" }, 400, invalid, "orderBy must be one of"],
  ["DescribeLogStreams", { logGroupName: "none" }, 400, "ResourceNotFoundException", "log group does not exist"],
  ["PutLogEvents", {}, 501, "UnknownOperationException", "does not support CloudWatch Logs PutLogEvents."],
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
