import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { SteppedClock } from "../../clock";
import { CloudWatch } from "../../cloudwatch/cloudwatch";
import { CLOUDWATCH } from "../../cloudwatch/service";
import type { Host } from "../../host";
import { Logs } from "../../logs/logs";
import { Sqs } from "../../sqs/sqs";
import { MemoryStorage } from "../../storage/storage";
import { type Services, startServices } from "../start-services";
import { testSupportedActions } from "../supported-actions";

const START = Date.UTC(2030, 0, 1, 12);
const MINUTE = 60_000;
const ONE = { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 };

let services: Services;
let client: CloudWatchClient;
let cloudwatch: CloudWatch;
let logs: Logs;
let sqs: Sqs;
const clock = new SteppedClock(START);

beforeAll(async () => {
  const storage = new MemoryStorage();
  const create = (endpoint: string) => {
    const delivery = { shuffled: false, seed: 0 };
    const host: Host = { endpoint, region: "us-east-1", clock, storage, observer: {}, delivery };
    sqs = new Sqs(host);
    cloudwatch = new CloudWatch(host, sqs);
    logs = new Logs(host, cloudwatch);
    return [{ definition: CLOUDWATCH, state: cloudwatch }];
  };
  services = await startServices(create, { clock, storage });
  client = new CloudWatchClient({ ...services.config, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  cloudwatch.stop();
  sqs.stop();
  await services.stop();
});

async function read(
  Namespace: string,
  MetricName: string,
  Stat: string,
  dimensions: Record<string, string> = {},
  more: Partial<GetMetricDataCommandInput> & { Period?: number } = {},
) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const { Period = 60, ...range } = more;
  const MetricStat = { Metric: { Namespace, MetricName, Dimensions }, Period, Stat };
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(START),
      EndTime: new Date(clock.now() + MINUTE),
      ScanBy: "TimestampAscending",
      MetricDataQueries: [{ Id: "one", MetricStat }],
      ...range,
    }),
  );
  const [{ Timestamps = [], Values = [] } = {}] = MetricDataResults ?? [];
  return Timestamps.map((time, index) => [(time.getTime() - START) / MINUTE, Values[index]]);
}

const put = (...MetricData: MetricDatum[]) => client.send(new PutMetricDataCommand({ Namespace: "own", MetricData }));

test("keeps the last 360 minutes of a metric, in any order of arrival", async () => {
  const minutes = Array.from({ length: 400 }, (_, index) => index);
  for (const minute of minutes) {
    const id = { namespace: "own", name: "reversed", dimensions: {} };
    cloudwatch.add(id, ONE, "None", START - minute * MINUTE);
  }
  const StartTime = new Date(START - 400 * MINUTE);
  const kept = await read("own", "reversed", "Sum", {}, { StartTime });
  expect(kept.map(([minute]) => minute)).toEqual(
    minutes
      .slice(0, 360)
      .map((minute) => 0 - minute)
      .reverse(),
  );
});

test("keeps the values of each unit apart, and returns all without a unit", async () => {
  await put(
    { MetricName: "mixed", Value: 5, Unit: "Count" },
    { MetricName: "mixed", Value: 7, Unit: "Seconds" },
    { MetricName: "mixed", Value: 100 },
  );
  const sumIn = async (Unit?: "Count" | "Seconds" | "None" | "Bytes") => {
    const MetricStat = { Metric: { Namespace: "own", MetricName: "mixed" }, Period: 60, Stat: "Sum", Unit };
    return (await read("own", "mixed", "Sum", {}, { MetricDataQueries: [{ Id: "one", MetricStat }] })).map(
      ([, value]) => value,
    );
  };
  expect(await Promise.all([sumIn("Count"), sumIn("Seconds"), sumIn("None"), sumIn("Bytes"), sumIn()])).toEqual([
    [5],
    [7],
    [100],
    [],
    [112],
  ]);
});

testSupportedActions(CLOUDWATCH, {
  PutMetricData: async () => {
    await put(
      { MetricName: "put", Value: 5, Unit: "Count" },
      { MetricName: "put", Values: [1, 2], Counts: [3, 1] },
      { MetricName: "put", StatisticValues: { SampleCount: 2, Sum: 20, Minimum: 9, Maximum: 11 } },
      { MetricName: "put", Value: 100, Timestamp: new Date(START + 10 * MINUTE) },
    );
    const statistics = ["Sum", "SampleCount", "Minimum", "Maximum"];
    const values = await Promise.all(statistics.map((stat) => read("own", "put", stat)));
    expect(values).toEqual([[[0, 30]], [[0, 7]], [[0, 1]], [[0, 11]]]);
  },
  GetMetricData: async () => {
    for (const minute of [0, 1, 2, 6]) {
      await put({ MetricName: "got", Value: minute, Timestamp: new Date(START + minute * MINUTE + 30_000) });
    }
    const range = { EndTime: new Date(START + 10 * MINUTE) };
    expect(await read("own", "got", "Average", {}, range)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [6, 6],
    ]);
    expect(await read("own", "got", "Sum", {}, { ...range, Period: 300 })).toEqual([
      [0, 3],
      [5, 6],
    ]);
    expect(await read("own", "got", "Maximum", {}, { ...range, ScanBy: "TimestampDescending" })).toEqual([
      [6, 6],
      [2, 2],
      [1, 1],
      [0, 0],
    ]);
    expect(
      await read(
        "own",
        "got",
        "Sum",
        {},
        { StartTime: new Date(START + MINUTE + 1), EndTime: new Date(START + 2 * MINUTE) },
      ),
    ).toEqual([[1, 1]]);
    expect(await read("own", "got", "Sum", { none: "x" }, range)).toEqual([]);
  },
  ListMetrics: async () => {
    await put({ MetricName: "listed", Value: 1, Dimensions: [{ Name: "a", Value: "b" }] });
    const listed = { Namespace: "own", MetricName: "listed", Dimensions: [{ Name: "a", Value: "b" }] };
    const list = async (input: object) => (await client.send(new ListMetricsCommand(input))).Metrics;
    expect(await list({ Namespace: "own", MetricName: "listed" })).toEqual([listed]);
    expect(await list({ Dimensions: [{ Name: "a" }] })).toEqual([listed]);
    expect(await list({ Dimensions: [{ Name: "a", Value: "c" }] })).toEqual([]);
  },
});

test.each([
  [
    "a namespace of AWS",
    new PutMetricDataCommand({ Namespace: "AWS/SQS", MetricData: [{ MetricName: "m", Value: 1 }] }),
    400,
    "InvalidParameterValueException",
  ],
  [
    "two kinds of values",
    new PutMetricDataCommand({ Namespace: "n", MetricData: [{ MetricName: "m", Value: 1, Values: [1] }] }),
    400,
    "InvalidParameterCombinationException",
  ],
  ["no data", new PutMetricDataCommand({ Namespace: "n", MetricData: [] }), 400, "MissingRequiredParameterException"],
  [
    "an unknown unit",
    new PutMetricDataCommand({ Namespace: "n", MetricData: [{ MetricName: "m", Value: 1, Unit: "Bogus" as "Count" }] }),
    400,
    "InvalidParameterValueException",
  ],
  [
    "a value above 2^360",
    new PutMetricDataCommand({ Namespace: "n", MetricData: [{ MetricName: "m", Value: 2 ** 361 }] }),
    400,
    "InvalidParameterValueException",
  ],
  [
    "a time of three weeks ago",
    new PutMetricDataCommand({
      Namespace: "n",
      MetricData: [{ MetricName: "m", Value: 1, Timestamp: new Date(START - 21 * 86_400_000) }],
    }),
    400,
    "InvalidParameterValueException",
  ],
  [
    "no samples",
    new PutMetricDataCommand({ Namespace: "n", MetricData: [{ MetricName: "m", Values: [1], Counts: [0] }] }),
    400,
    "InvalidParameterValueException",
  ],
  [
    "entity data",
    new PutMetricDataCommand({ Namespace: "n", EntityMetricData: [{ MetricData: [] }] }),
    501,
    "UnknownOperationException",
  ],
] as const)("rejects %s", async (_what, command, status, name) => {
  await expect(client.send(command as PutMetricDataCommand)).rejects.toMatchObject({
    name,
    $metadata: { httpStatusCode: status },
  });
});

test.each([
  ["percentiles", "p99", {}, 501],
  ["a period of 10 s", "Sum", { Period: 10 }, 501],
  ["a period of 90 s", "Sum", { Period: 90 }, 400],
  ["an end before the start", "Sum", { EndTime: new Date(0) }, 400],
  ["expressions", "Sum", { MetricDataQueries: [{ Id: "e", Expression: "1 + 1" }] }, 501],
])("rejects %s in GetMetricData", async (_what, stat, more, status) => {
  await expect(read("own", "m", stat, {}, more)).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
});

test("counts the metrics in a function's log", async () => {
  const Metrics = [
    { Name: "stored", Unit: "Count" },
    { Name: "ms", Unit: "Milliseconds" },
  ];
  const line = (more: object, directive: object = {}) =>
    logs.group("/aws/lambda/f").put(
      JSON.stringify({
        _aws: {
          Timestamp: clock.now(),
          CloudWatchMetrics: [{ Namespace: "emf", Dimensions: [["service"], []], Metrics, ...directive }],
        },
        service: "f",
        stored: 3,
        ms: [1, 2, 6],
        ...more,
      }),
    );
  const before = clock.now();
  line({});
  line({ stored: 4 });
  const minute = Math.floor((before - START) / MINUTE);
  expect(await read("emf", "stored", "Sum", { service: "f" })).toEqual([[minute, 7]]);
  expect(await read("emf", "stored", "Sum")).toEqual([[minute, 7]]);
  expect(await read("emf", "ms", "Average", { service: "f" })).toEqual([[minute, 3]]);
  const count = cloudwatch.all().length;
  line({ service: 7, stored: "3", ms: null });
  line({}, { Namespace: undefined });
  line({}, { Metrics: "stored" });
  for (const text of ['{"_aws":', '{"_aws":7}', '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[null,{}]}}', '"_aws"']) {
    logs.group("/aws/lambda/f").put(text);
  }
  expect(cloudwatch.all()).toHaveLength(count);
  expect(await read("emf", "stored", "Sum", { service: "f" })).toEqual([[minute, 7]]);
});

test("measures queues once a minute of the clock, and keeps six hours of it", async () => {
  const queue = sqs.createQueue("measured");
  queue.send({ body: "a", senderId: "s" });
  await clock.advance(2 * MINUTE);
  const dimensions = { QueueName: "measured" };
  const visible = await read("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", dimensions);
  expect(visible.map(([, value]) => value)).toEqual([1, 1]);
  const ages = await read("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", dimensions);
  expect(Number(ages[1]?.[1]) - Number(ages[0]?.[1])).toBe(60);
  await clock.advance(2_000 * MINUTE);
  expect(await read("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", dimensions)).toHaveLength(360);
});

test("keeps the last 1,000 metrics", () => {
  for (let index = 0; index < 1_500; index++) cloudwatch.record("many", `m${index}`, {}, [1], "Count");
  expect(cloudwatch.all()).toHaveLength(1_000);
  expect(cloudwatch.all().at(-1)?.id.name).toBe("m1499");
});
