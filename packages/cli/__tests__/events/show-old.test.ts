import { resolve } from "node:path";
import { ListSubscriptionsByTopicCommand, PublishCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { FaultyProxy, jsonError } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { moveToSnsTime } from "@event-pipeline/testing/stored-events";
import { at, stageWith } from "@event-pipeline/testing/synthesized";

async function publish(run: LocalRun, Message: string): Promise<string> {
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message });
  return String((await run.clients.sns.send(command)).MessageId);
}

test("finds an event that SQS moved to the dead-letter queue, and releases it", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "data.archive_file.event_processor").source_dir = resolve("packages/testing/fixtures/faulty-handler");
  });
  const run = await LocalRun.start("--stack-folder", folder, "--retry-delay", "0");
  const messageId = await publish(run, '{"fault":"throw","type":"doomed","id":"d-1"}');
  await run.waitForHop(messageId, "dead-lettered");
  await run.waitForHop(messageId, "archived");
  for (const id of [messageId, "d-1", messageId]) {
    const ran = await runCliOn(run, ["events", "show", id, "--json"]);
    expect(records(ran)[0].ways).toMatchObject([
      { outcome: "dead-lettered", message_id: messageId, dead_letter: { queue: "local-events-dlq", seen: true } },
    ]);
  }
  expect((await runCliOn(run, ["events", "show", messageId])).stdout).toContain("no code");
  await run.stop();
}, 60_000);

describe("when neither the log nor an index has the events", () => {
  let run: LocalRun;
  let proxy: FaultyProxy;

  beforeAll(async () => {
    run = await LocalRun.start("--delivery", "ordered");
    proxy = await FaultyProxy.open(
      ({ action }) => (action === "FilterLogEvents" ? { status: 200, body: '{"events":[]}' } : undefined),
      run.ready.endpoint,
    );
  });
  afterAll(async () => {
    await proxy.close();
    await run.stop();
  });

  const waysOf = async (id: string) =>
    records(await runCli(["events", "show", id, "--json"], { environment: { AWS_ENDPOINT_URL: proxy.endpoint } }))[0]
      .ways;

  test("finds an event that an earlier handler stored under SNS's time", async () => {
    const former = await publish(run, '{"type":"former","id":"f-1","time":1767323045}');
    for (const kind of ["stored", "archived"] as const) await run.waitForHop(former, kind);
    const timestamp_id = await moveToSnsTime(run, former);
    for (const id of [former, "f-1"]) expect(await waysOf(id)).toMatchObject([{ outcome: "stored", timestamp_id }]);
  });

  test("finds a refused event by its own ID", async () => {
    const refused = await publish(run, '{"type":404,"id":"refused#1"}');
    for (const kind of ["dead-lettered", "archived"] as const) await run.waitForHop(refused, kind);
    const archived = { record: expect.any(Number) };
    expect(await waysOf("refused#1")).toMatchObject([
      { outcome: "dead-lettered", message_id: refused, event_id: "refused#1", dead_letter: { seen: true }, archived },
    ]);
  });
});

describe("when the log no longer has the events", () => {
  let run: LocalRun;
  let proxy: FaultyProxy;
  let messageId: string;
  let otherId: string;

  beforeAll(async () => {
    run = await LocalRun.start("--stack-folder", stackFolder(undefined, stageWith({ eventIdIndex: true })));
    messageId = await publish(run, '{"type":"kept","id":"k#1"}');
    otherId = await publish(run, '{"type":"kept"}');
    for (const id of [messageId, otherId]) await run.waitForHop(id, "stored");
    for (const id of [messageId, otherId]) await run.waitForHop(id, "archived");
    proxy = await FaultyProxy.open(
      ({ action }) => (action === "FilterLogEvents" ? { status: 200, body: '{"events":[]}' } : undefined),
      run.ready.endpoint,
    );
  });
  afterAll(async () => {
    await proxy.close();
    await run.stop();
  });

  const show = async (id: string, ...args: string[]) => {
    const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
    return records(await runCli(["events", "show", id, "--json", ...args], { environment }))[0];
  };

  test("finds an event by its own ID in the table's index, regardless of --since", async () => {
    for (const [id, stored] of [
      ["k#1", messageId],
      [otherId, otherId],
    ]) {
      const { ways, sources } = await show(String(id), "--since", "2100-01-01");
      expect(ways).toMatchObject([{ outcome: "stored", message_id: stored, archived: { record: expect.any(Number) } }]);
      expect(sources).toContainEqual({ place: "index", seen: true, note: "the table's event-id" });
    }
  });

  test("finds an event in the archive if no index contains its MessageId", async () => {
    expect((await show(messageId)).ways).toMatchObject([{ outcome: "stored", event_id: "k#1", attempts: [] }]);
    expect((await show(messageId, "--since", "2100-01-01")).ways).toEqual([]);
  });

  test("finds an event that an earlier handler stored under SNS's time", async () => {
    const former = await publish(run, '{"type":"former","time":1767323045}');
    for (const kind of ["stored", "archived"] as const) await run.waitForHop(former, kind);
    const timestamp_id = await moveToSnsTime(run, former);
    expect((await show(former)).ways).toMatchObject([{ outcome: "stored", timestamp_id, stored: { timestamp_id } }]);
  });

  test("says that the index has more publications of an ID than are shown", async () => {
    const lines = Array.from({ length: 21 }, (_, n) => JSON.stringify({ type: "shared", id: "many", n })).join("\n");
    const { stdout } = await runCliOn(run, ["publish", "-"], lines);
    for (const id of stdout.trimEnd().split("\n")) await run.waitForHop(id, "stored");
    const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
    const { code, stderr, ...ran } = await runCli(["events", "show", "many", "--json"], { environment });
    expect([code, records({ code, stderr, ...ran })[0].ways.length]).toEqual([3, 20]);
    expect(stderr).toContain("more than 20 publications");
  });

  test("does not scan the table", async () => {
    expect(proxy.requests.map(({ action }) => action)).not.toContain("Scan");
  });

  test("reports a failed request as an error, not as an event that was not found", async () => {
    const throttled = await FaultyProxy.open(
      ({ action }) => (action === "BatchGetItem" ? jsonError(400, "ExpiredTokenException", "old") : undefined),
      run.ready.endpoint,
    );
    const { code, stderr } = await runCli(["events", "show", messageId], {
      environment: { AWS_ENDPOINT_URL: throttled.endpoint },
    });
    await throttled.close();
    expect([code, stderr]).toEqual([4, expect.stringContaining("expired")]);
  });

  test("names no archive object that it could not open", async () => {
    const denied = await FaultyProxy.open(({ action, request }) => {
      if (action === "FilterLogEvents") return { status: 200, body: '{"events":[]}' };
      const isObject = request.method === "GET" && /raw\/year=.*\.gz/.test(decodeURIComponent(request.url ?? ""));
      return isObject ? { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" } : undefined;
    }, run.ready.endpoint);
    const { code, stderr } = await runCli(["events", "show", messageId.replace(/^./, "x")], {
      environment: { AWS_ENDPOINT_URL: denied.endpoint },
    });
    await denied.close();
    expect([code, stderr]).toEqual([3, expect.stringContaining("GetObject")]);
    expect(stderr).not.toMatch(/Searched .*object/);
  });

  test("says which places an ID was not found in, and names no object older than --since", async () => {
    const since = "2100-01-01T00:00:00.000Z";
    const { code, stdout, stderr } = await runCliOn(run, ["events", "show", "never", "--since", since]);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining(`never was not found in the places below, since ${since}.`),
    ]);
    expect(stderr).not.toContain("the newest");
  });

  test("finds an event in the queue of undelivered events", async () => {
    await run.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: run.output("queue_url") }));
    const undelivered = await publish(run, '{"type":"undelivered"}');
    await run.waitForHop(undelivered, "archived");
    const ran = await runCliOn(run, ["events", "show", undelivered, "--json"]);
    expect(records(ran)[0].ways).toMatchObject([
      { outcome: "dead-lettered", dead_letter: { queue: "local-events-undelivered", seen: true } },
    ]);
  });

  test("says that the topic has no subscription for the queue", async () => {
    const { sns } = run.clients;
    const TopicArn = run.output("topic_arn");
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const own = Subscriptions.find(({ Endpoint = "" }) => Endpoint.endsWith(":local-events-queue"));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: own?.SubscriptionArn }));
    const lost = await publish(run, '{"type":"lost"}');
    await run.waitForHop(lost, "archived");
    const { stdout, stderr } = await runCliOn(run, ["events", "show", lost]);
    expect(stdout).toContain("The topic has no subscription for the queue.");
    expect(stderr).toContain("Next: npx event-pipeline doctor --local");
    expect(stderr).not.toContain("filter policy");
  });
});
