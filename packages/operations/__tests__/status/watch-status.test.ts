import { watchStatus } from "@event-pipeline/operations/status/status";
import { awsError, type FakeAnswer, fakePipeline } from "@event-pipeline/testing/fake-pipeline";
import { VirtualClock } from "@event-pipeline/testing/virtual-clock";

const QUEUES = ["fake-events-queue", "fake-events-dlq", "fake-events-undelivered"];

/** Answers as an idle pipeline does. */
const idle: FakeAnswer = (action, { AttributeNames = [] }) => {
  const counts = (AttributeNames as string[]).map((name) => [name, "0"]);
  const answers: Readonly<Record<string, object>> = {
    ListQueues: { QueueUrls: QUEUES.map((name) => `https://sqs/1/${name}`) },
    GetQueueAttributes: { Attributes: Object.fromEntries(counts) },
  };
  return answers[action] ?? {};
};

/** Watches for `minutes` of virtual time, or until the watch ends by itself. */
async function watched(answer: FakeAnswer, minutes: number, seconds = 5) {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const statuses: {
    readonly atMs: number;
    readonly outages: readonly string[];
    readonly since: ReadonlySet<number>;
  }[] = [];
  const watch = async () => {
    const options = { seconds, maxDeadLetters: 10, signal: abort.signal, clock };
    for await (const { outages } of watchStatus(fakePipeline(answer), options)) {
      const since = new Set(outages.map(({ since }) => since.getTime()));
      statuses.push({ atMs: clock.now(), outages: outages.map(({ source }) => source), since });
      if (clock.now() >= minutes * 60_000) abort.abort();
    }
  };
  await clock.run(watch());
  return statuses;
}

test.each(["ThrottlingException", "AccessDenied", "InternalError", "TimeoutError", "ECONNRESET"])(
  "continues after 30 minutes of %s, with back-off for this source only",
  async (name) => {
    let logRequests = 0;
    let isFaulty = true;
    const statuses = await watched((...args) => {
      if (args[0] !== "FilterLogEvents") return idle(...args);
      logRequests += 1;
      if (isFaulty) throw awsError(name);
      return {};
    }, 30);
    expect(statuses).toHaveLength(30 * 12 + 1);
    for (const { outages } of statuses) expect(outages).toEqual(["last stored event"]);
    expect(logRequests).toBeLessThan(40);
    expect(new Set(statuses.flatMap(({ since }) => [...since])).size).toBe(1);

    isFaulty = true;
    const recovering = await watched((...args) => {
      if (args[0] !== "FilterLogEvents") return idle(...args);
      logRequests += 1;
      isFaulty = logRequests < 50;
      if (isFaulty) throw awsError(name);
      return {};
    }, 30);
    expect(recovering.at(-1)?.outages).toEqual([]);
  },
);

test("repeats at least every minute what cannot be read, also with a longer interval", async () => {
  const statuses = await watched(
    (...args) => {
      if (args[0] === "ListObjectsV2") throw awsError("SlowDown");
      return idle(...args);
    },
    10,
    3_600,
  );
  const gaps = statuses.slice(1).map(({ atMs }, index) => atMs - (statuses[index]?.atMs ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
});

test.each(["ExpiredToken", "InvalidClientTokenId"])("ends at %s", async (name) => {
  let polls = 0;
  const statuses = await watched((...args) => {
    if (args[0] === "ListQueues") polls += 1;
    if (polls > 3) throw awsError(name);
    return idle(...args);
  }, 10);
  expect(statuses).toHaveLength(4);
});
