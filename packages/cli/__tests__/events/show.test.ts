import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { type Answer, FaultyProxy, jsonError, type SdkRequest } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { stageWith } from "@event-pipeline/testing/synthesized";

/** Publishes as `aws sns publish` does. */
async function publish(run: LocalRun, Message: string, attributes: Record<string, string> = {}): Promise<string> {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message, MessageAttributes });
  return String((await run.clients.sns.send(command)).MessageId);
}

function operationOf({ action, request }: SdkRequest): string {
  return action || (request.url?.includes("list-type") ? "ListObjectsV2" : "GetObject");
}

async function ways(run: LocalRun, id: string, ...args: string[]) {
  const ran = await runCliOn(run, ["events", "show", id, "--json", ...args]);
  const [explanation] = records(ran);
  return { code: ran.code, ways: explanation.ways, sources: explanation.sources };
}

describe("before the archive has the events", () => {
  let run: LocalRun;
  beforeAll(async () => {
    run = await LocalRun.start("--delivery", "ordered", "--archive-interval", "300");
  });
  afterAll(() => run.stop());

  test("finds a stored event by its MessageId and by its own ID", async () => {
    const messageId = await publish(run, '{"type":"finding.new","id":"f#1 é","n":12345678901234567890}');
    await run.waitForHop(messageId, "stored");
    for (const id of [messageId, "f#1 é"]) {
      const shown = await ways(run, id);
      expect(shown).toMatchObject({
        code: 0,
        ways: [
          {
            outcome: "stored",
            message_id: messageId,
            event_id: "f#1 é",
            attempts: [{ end: "stored", receive_count: 1 }],
            stored: { event_type: "finding.new", message_id: messageId },
          },
        ],
      });
    }
    const { stdout } = await runCliOn(run, ["events", "show", messageId]);
    expect(stdout).toMatch(/handler {5}\S+Z {2}\+\d+ ms {2}receive 1: stored/);
    expect(stdout).toContain('"n":12345678901234567890');
    expect(stdout).toContain("✓ ");
  });

  test("prints the message attributes and the trace ID, and events list and tail filter by them", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const messageId = await publish(run, '{"type":"traced"}', { traceparent, agent: "seven" });
    const otherId = await publish(run, '{"type":"traced","agent":"seven"}', { agent: "eight" });
    await run.waitForHop(messageId, "stored");
    await run.waitForHop(otherId, "stored");
    const shown = await ways(run, messageId);
    expect(shown.ways).toEqual([
      expect.objectContaining({
        trace_id: traceId,
        stored: expect.objectContaining({ attributes: { traceparent, agent: "seven" } }),
      }),
    ]);
    const { stdout } = await runCliOn(run, ["events", "show", messageId]);
    expect(stdout).toMatch(new RegExp(`^ {2}trace +${traceId}$`, "m"));
    expect(stdout).toMatch(/^ {2}attributes +\{.*"agent":"seven"/m);
    const filter = ["--type", "traced", "--filter", "attribute:agent=seven"];
    const listed = records(await runCliOn(run, ["events", "list", ...filter, "--json"]));
    expect(listed.map(({ message_id }) => message_id)).toEqual([messageId]);
    const csv = await runCliOn(run, ["events", "list", ...filter, "--csv"]);
    expect(csv.stdout).toContain('""agent"":""seven""');
    const tail = await runCliOn(run, ["events", "tail", ...filter, "--since", "1h", "--limit", "1"]);
    expect(tail.stdout).toContain(`${messageId}  trace ${traceId}`);
  });

  test("reports why an event was refused, without peeking at the queue", async () => {
    const messageId = await publish(run, "{cut off");
    await run.waitForHop(messageId, "processed"); // Its log lines come after its dead letter.
    const shown = await ways(run, messageId);
    expect(shown.ways).toEqual([
      expect.objectContaining({
        outcome: "dead-lettered",
        attempts: [
          expect.objectContaining({
            end: "refused",
            error_code: "NOT_JSON",
            reason: expect.stringContaining("not JSON"),
          }),
        ],
        dead_letter: expect.objectContaining({ queue: "local-events-dlq", error_code: "NOT_JSON", seen: false }),
      }),
    ]);
    expect(shown.sources.map(({ place }: { place: string }) => place)).not.toContain("dead-letter queue");
  });

  test("finds a refused event by its own ID in the dead-letter queue", async () => {
    const messageId = await publish(run, '{"type":404,"id":"refused#1"}');
    await run.waitForHop(messageId, "dead-lettered");
    expect((await ways(run, "refused#1")).ways).toMatchObject([
      { outcome: "dead-lettered", message_id: messageId, dead_letter: { error_code: "INVALID_TYPE", seen: true } },
    ]);
  });

  test("finds two events if the ID of one is the MessageId of the other", async () => {
    const first = await publish(run, '{"type":"a"}');
    const second = await publish(run, JSON.stringify({ type: "b", id: first }));
    await run.waitForHop(first, "stored");
    await run.waitForHop(second, "stored");
    const shown = await ways(run, first);
    expect(shown.ways.map(({ message_id }: { message_id: string }) => message_id).sort()).toEqual(
      [first, second].sort(),
    );
    // The beginning of an ID does not match.
    expect((await ways(run, first.slice(0, -1))).ways).toEqual([]);
  });

  test("reports one item for two publications of the same text, ID and time", async () => {
    const text = '{"type":"once","id":"1","time":"2026-01-01T00:00:00Z"}';
    const first = await publish(run, text);
    await run.waitForHop(first, "stored");
    const second = await publish(run, text);
    await run.waitForHop(second, "stored");
    expect((await ways(run, first)).ways).toMatchObject([{ outcome: "folded", stored: { message_id: second } }]);
  });

  test("says that the event's time could not be read", async () => {
    const messageId = await publish(run, '{"type":"timed","id":"t-1","time":"2024-01-02T03:04:05","timestamp":17}');
    await run.waitForHop(messageId, "stored");
    const unreadable_time = { member: "time", value: '"2024-01-02T03:04:05"' };
    expect((await ways(run, messageId)).ways).toMatchObject([{ outcome: "stored", unreadable_time }]);
    const { stdout } = await runCliOn(run, ["events", "show", messageId]);
    expect(stdout).toMatch(/^ {2}time .*"2024-01-02T03:04:05"/m);
    const readable = await publish(run, '{"type":"timed","time":1767323045.678}');
    await run.waitForHop(readable, "stored");
    const [way] = (await ways(run, readable)).ways;
    expect(way.stored.timestamp_id).toBe(`2026-01-02T03:04:05.678Z#${readable}`);
    expect(way).not.toHaveProperty("unreadable_time");
  });

  test("reports an event whose item was deleted", async () => {
    const messageId = await publish(run, '{"type":"gone"}');
    const { detail } = await run.waitForHop(messageId, "stored");
    const Key = { event_type: { S: String(detail.event_type) }, timestamp_id: { S: String(detail.timestamp_id) } };
    await run.clients.dynamodb.send(new DeleteItemCommand({ TableName: run.output("table_name"), Key }));
    expect((await ways(run, messageId)).ways).toMatchObject([{ outcome: "deleted" }]);
  });

  test.each(["", "a\n%b\u0001", "é", '"\\', "00000000-0000-4000-8000-000000000000"])(
    "does not find %j, and lists what was searched",
    async (id) => {
      const { code, stdout, stderr } = await runCliOn(run, ["events", "show", "--", id]);
      expect(code).toBe(id === "" ? 2 : 1);
      if (id === "") return;
      expect(stdout.split("\n")).toHaveLength(2);
      for (const text of ["handler's log", "eventIdIndex", "s3://local-events-raw", "--since"]) {
        expect(stderr).toContain(text);
      }
    },
  );

  test.each(["z", "é", "a b", "\u0007", '"', "%23", "#", "7".repeat(977)])(
    "finds an event by its own id %j",
    async (id) => {
      const messageId = await publish(run, JSON.stringify({ type: "odd", id }));
      await run.waitForHop(messageId, "stored");
      expect((await ways(run, id)).ways).toMatchObject([{ outcome: "stored", message_id: messageId }]);
    },
  );

  test("finds an event whose ID is too long for a key", async () => {
    const id = "long/".repeat(400);
    const messageId = await publish(run, JSON.stringify({ type: "long", id }));
    await run.waitForHop(messageId, "stored");
    expect((await ways(run, id)).ways).toMatchObject([{ outcome: "stored", message_id: messageId }]);
  });

  test("reports why a source could not be searched", async () => {
    const messageId = await publish(run, '{"type":"closed"}');
    await run.waitForHop(messageId, "stored");
    const proxy = await FaultyProxy.open(
      ({ action }) =>
        action === "FilterLogEvents" ? jsonError(400, "AccessDeniedException", "no logs for you") : undefined,
      run.ready.endpoint,
    );
    const { code, stderr } = await runCli(["events", "show", messageId], {
      environment: { AWS_ENDPOINT_URL: proxy.endpoint },
    });
    await proxy.close();
    expect(code).toBe(3);
    expect(stderr).toContain("CloudWatchLogs FilterLogEvents");
  });

  test.each([1, 6, 20])("advises no time in the past for an event received %d minutes ago", async (minutes) => {
    const Timestamp = new Date(Date.now() - minutes * 60_000).toISOString();
    const body = envelopeOf(`{"type":"aged","id":"${minutes}"}`, { Timestamp });
    await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody: body }));
    const messageId = JSON.parse(body).MessageId;
    await run.waitForHop(messageId, "processed");
    const { stdout } = await runCliOn(run, ["events", "show", messageId]);
    const [, advised] = /^ {2}archive .* until (\S+Z)/m.exec(stdout) ?? [];
    expect([stdout, advised === undefined]).toEqual([expect.stringMatching(/^ {2}archive/m), minutes > 15]);
    if (advised !== undefined) expect(Date.parse(advised)).toBeGreaterThan(Date.now());
  });

  test("counts the publications of an ID that were not looked up in the archive", async () => {
    const messageIds: string[] = [];
    for (let n = 0; n < 7; n += 1)
      messageIds.push(await publish(run, JSON.stringify({ type: "shared", id: "seven", n })));
    for (const messageId of messageIds) await run.waitForHop(messageId, "stored");
    const { code, stdout, stderr } = await runCliOn(run, ["events", "show", "seven", "--json"]);
    const [{ ways }] = records({ code, stdout, stderr });
    const unsearched = ways.filter(({ not_known }: { not_known: string[] }) => not_known.includes("archive"));
    expect([code, ways.length, unsearched.length]).toEqual([3, 7, 2]);
    expect(stderr).toContain("7 publications");
  });

  test("exits with 1 if the pipeline does not exist", async () => {
    const { code, stderr } = await runCliOn(run, ["events", "show", "x", "--name", "other"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("--name")]);
  });
});

test("prints the first and the last of many equal attempts, and --json prints all", async () => {
  const run = await LocalRun.start();
  const failed = (receive_count: number) => {
    const ends = [{ sns_message_id: "m-1", receive_count, end: receive_count < 100 ? "retried" : "stored" }];
    const message = JSON.stringify({ message: "batch processed", ends });
    return { eventId: String(receive_count), timestamp: Date.now() - 100_000 + receive_count, message };
  };
  const events = Array.from({ length: 100 }, (_, index) => failed(index + 1));
  const proxy = await FaultyProxy.open(
    ({ action }) => (action === "FilterLogEvents" ? { status: 200, body: JSON.stringify({ events }) } : undefined),
    run.ready.endpoint,
  );
  const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
  const { stdout } = await runCli(["events", "show", "m-1"], { environment });
  const json = await runCli(["events", "show", "m-1", "--json"], { environment });
  await proxy.close();
  await run.stop();
  const rows = stdout.split("\n").flatMap((line) => /^ {2}handler .*?(receive \d+|… \d+ more)/.exec(line)?.[1] ?? []);
  expect(rows).toEqual(["receive 1", "… 97 more", "receive 99", "receive 100"]);
  expect(records(json)[0].ways[0].attempts).toHaveLength(100);
});

describe("with a filter policy and an archive", () => {
  let run: LocalRun;
  beforeAll(async () => {
    const stage = stageWith({ filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" });
    run = await LocalRun.start("--delivery", "ordered", "--stack-folder", stackFolder(undefined, stage));
  });
  afterAll(() => run.stop());

  test("finds a filtered event in the archive, by its MessageId or its own ID", async () => {
    const messageId = await publish(run, '{"type":"finding.new","id":"low-1","severity":"low"}');
    await run.waitForHop(messageId, "archived");
    for (const id of [messageId, "low-1"]) {
      expect((await ways(run, id)).ways).toMatchObject([
        {
          outcome: "filtered",
          event_id: "low-1",
          message_id: messageId,
          attempts: [],
          archived: { object: expect.stringContaining("s3://local-events-raw/raw/") },
        },
      ]);
    }
  });

  test("prints the archive object of a stored event", async () => {
    const messageId = await publish(run, '{"type":"finding.new","severity":"high"}');
    await run.waitForHop(messageId, "archived");
    await run.waitForHop(messageId, "stored");
    const { detail } = await run.waitForHop(messageId, "archived");
    expect((await ways(run, messageId)).ways).toMatchObject([
      { outcome: "stored", archived: { object: detail.object } },
    ]);
  });

  test("finds a message that is not an envelope by its MessageId from SQS", async () => {
    const { MessageId } = await run.clients.sqs.send(
      new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody: "not an envelope" }),
    );
    await run.waitForHop("unknown", "processed"); // The MessageId of a message that is not an envelope.
    expect((await ways(run, String(MessageId))).ways).toMatchObject([
      { outcome: "dead-lettered", attempts: [{ end: "refused", error_code: "NOT_AN_ENVELOPE" }] },
    ]);
  });

  /** Publishes an event, deletes its item, and returns its MessageId. */
  async function deleted(): Promise<string> {
    const messageId = await publish(run, '{"type":"gone","severity":"high"}');
    const { detail } = await run.waitForHop(messageId, "stored");
    const Key = { event_type: { S: String(detail.event_type) }, timestamp_id: { S: String(detail.timestamp_id) } };
    await run.clients.dynamodb.send(new DeleteItemCommand({ TableName: run.output("table_name"), Key }));
    return messageId;
  }

  test("finds nothing if --since is in the future, and prints its value", async () => {
    const messageId = await publish(run, '{"type":"finding.new","severity":"high"}');
    await run.waitForHop(messageId, "stored");
    const { code, stderr } = await runCliOn(run, ["events", "show", messageId, "--since", "2100-01-01"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("2100-01-01T00:00:00.000Z")]);
  });

  test("never takes a source that cannot be read for an answer", async () => {
    const idByOutcome = {
      stored: await publish(run, '{"type":"finding.new","severity":"high"}'),
      filtered: await publish(run, '{"type":"finding.new","severity":"low"}'),
      "dead-lettered": await publish(run, '{"type":1,"severity":"high"}'),
      deleted: await deleted(),
      undefined: "never-published",
    };
    await run.waitForHop(idByOutcome["dead-lettered"], "processed");
    for (const id of Object.values(idByOutcome).slice(0, 4)) await run.waitForHop(id, "archived");
    const random = jest.spyOn(Math, "random").mockReturnValue(0); // Makes every backoff 0 ms.
    let fault: { readonly action: string; readonly answer: Answer } | undefined;
    const proxy = await FaultyProxy.open(
      (request) => (fault?.action === operationOf(request) ? fault.answer : undefined),
      run.ready.endpoint,
    );
    const show = async (id: string) => {
      const first = proxy.requests.length;
      const ran = await runCli(["events", "show", id, "--json"], { environment: { AWS_ENDPOINT_URL: proxy.endpoint } });
      const [way] = records(ran)[0].ways;
      const actions = new Set(proxy.requests.slice(first).map(operationOf));
      return { code: ran.code, outcome: String(way?.outcome), archived: way?.archived, way, actions };
    };
    const wrong: unknown[] = [];
    let faults = 0;
    for (const [outcome, id] of Object.entries(idByOutcome)) {
      fault = undefined;
      const whole = await show(id);
      expect(whole).toMatchObject({ outcome, code: outcome === "undefined" ? 1 : 0 });
      for (const action of whole.actions) {
        faults += 1;
        const answer = faults % 2 ? jsonError(400, "AccessDeniedException") : jsonError(500, "InternalError");
        fault = { action, answer };
        const shown = await show(id);
        const isTrue =
          [outcome, "not known", "undefined"].includes(shown.outcome) &&
          (shown.archived !== undefined ||
            !whole.archived ||
            shown.way === undefined ||
            shown.way.not_known.length > 0);
        // The bucket has its default name, and an item has the time to live.
        const hasOtherSource = ["DescribeDeliveryStream", "GetFunctionConfiguration"].includes(action);
        const code = answer.status === 400 && hasOtherSource ? whole.code : 3;
        if (!isTrue || shown.code !== code) wrong.push([outcome, action, answer.status, shown.code, shown.outcome]);
      }
    }
    random.mockRestore();
    await proxy.close();
    expect(wrong).toEqual([]);
  }, 120_000);
});
