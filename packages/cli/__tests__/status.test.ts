import { DeleteQueueCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { receive } from "@event-pipeline/testing/queues";
import { CliProcess, records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";

let run: LocalRun;
beforeAll(async () => {
  // The tests count dead letters and receives.
  run = await LocalRun.start("--delivery", "ordered");
});
afterAll(() => run.stop());

async function statusOf(...args: string[]) {
  const ran = await runCliOn(run, ["status", "--json", ...args]);
  expect(ran.code).toBe(0);
  return records(ran)[0];
}

test("fits in 80 columns, except for the key of the newest object", async () => {
  const { stdout, stderr } = await runCliOn(run, ["status"]);
  const long = `${stdout}${stderr}`.split("\n").filter((line) => line.length > 80 && !line.startsWith("last archived"));
  expect([long, stderr]).toEqual([[], `Not available at ${run.ready.endpoint}: alarms.\n`]);
});

test("shows the status of a pipeline without events", async () => {
  expect(await statusOf()).toMatchObject({
    queues: expect.arrayContaining([expect.objectContaining({ name: "local-events-queue", visible: 0, in_flight: 0 })]),
    archive: { bucket: "local-events-raw" },
    not_seen: expect.arrayContaining([expect.objectContaining({ what: "alarms" })]),
  });
  const { stdout, stderr } = await runCliOn(run, ["status"]);
  expect(stdout).toMatch(/^last stored {4}none/m);
  expect(stdout).not.toContain("oldest message");
  expect(stderr).toContain("alarms");
});

test("shows dead letters by code, the last stored event and the last object, and releases every message", async () => {
  for (const message of ['{"type":"good"}', "{poison", "[1]", "[2]"]) {
    await runCliOn(run, ["publish", "-", "--no-validate"], message);
  }
  await run.until(() => run.hops("processed").length === 4 && run.hops("archived").length === 4);
  const now = await statusOf();
  expect(now).toMatchObject({
    dead_letters: { by_code: { NOT_AN_OBJECT: 2, NOT_JSON: 1 }, looked_at: 3 },
    last_stored: { event_type: "good", end: "stored" },
    archive: { newest_object: expect.stringMatching(/^raw\/year=/) },
  });
  expect((await statusOf("--dead-letters", "0")).dead_letters).toBeUndefined();
  expect((await statusOf("--dead-letters", "1")).dead_letters.looked_at).toBe(1);
  expect(await receive(run.clients.sqs, run.output("dlq_url"), { VisibilityTimeout: 0 })).toHaveLength(3);
});

/** Returns the sum of all receive counts, and adds one to each. */
async function receives(): Promise<number> {
  const messages = await receive(run.clients.sqs, run.output("dlq_url"), { VisibilityTimeout: 0 });
  return messages.reduce((sum, { Attributes }) => sum + Number(Attributes?.ApproximateReceiveCount), 0);
}

test("--watch repeats the status, and peeks at unchanged dead letters once", async () => {
  const before = await receives();
  const command = new CliProcess(["status", "--watch", "1", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
  await command.until(() => command.stdout.split("\n").length > 3);
  command.child.kill("SIGINT");
  const ran = await command.done;
  expect(ran.code).toBe(130);
  for (const { dead_letters } of records(ran)) expect(dead_letters.by_code).toEqual({ NOT_AN_OBJECT: 2, NOT_JSON: 1 });
  // The command has received each message once, and so has this test.
  expect((await receives()) - before).toBe(2 * 3);
});

test("prints each alarm in the state ALARM, with its reason", async () => {
  const alarm = (AlarmName: string, StateValue: string) => ({
    AlarmName,
    StateValue,
    StateReason: "Threshold Crossed",
    StateUpdatedTimestamp: Date.now() / 1_000 - 120,
  });
  const MetricAlarms = [
    alarm("local-events-events-oldest-message", "ALARM"),
    alarm("local-events-dlq", "OK"),
    alarm("local-prod-events-dlq", "ALARM"),
  ];
  const proxy = await FaultyProxy.open(({ action }) => {
    if (action === "DescribeAlarms") return { status: 200, body: JSON.stringify({ MetricAlarms }) };
    if (action !== "GetMetricData") return undefined;
    return { status: 200, body: JSON.stringify({ MetricDataResults: [{ Id: "oldest", Values: [42] }] }) };
  }, run.ready.endpoint);
  const { stdout } = await runCli(["status"], { environment: { AWS_ENDPOINT_URL: proxy.endpoint } });
  await proxy.close();
  expect(stdout).toMatch(/^oldest message 42 s in local-events-queue$/m);
  expect(stdout).toMatch(/alarms {9}1 of 2 .*\n {2}local-events-events-oldest-message {2}2m {2}Threshold Crossed/);
});

const FAULTS = [
  [500, "InternalError", 3],
  [400, "AccessDeniedException", 3],
  [400, "ExpiredTokenException", 4],
] as const;

test("names each source that cannot be read, prints the others, and claims nothing about it", async () => {
  const random = jest.spyOn(Math, "random").mockReturnValue(0); // Makes every backoff 0 ms.
  let fault: { readonly action: string; readonly reaction: AwsError } | undefined;
  const proxy = await FaultyProxy.open(
    ({ action }) => (action === fault?.action ? fault.reaction : undefined),
    run.ready.endpoint,
  );
  const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
  const statusThrough = async () => {
    const ran = await runCli(["status", "--json"], { environment });
    const { at, ...status } = records(ran)[0];
    return { ...ran, status };
  };
  const whole = await statusThrough();
  const wrong: unknown[] = [];
  const actions = new Set(proxy.requests.map(({ action }) => action));
  // Without the stream, the bucket has its default name. Without a release, the messages stay leased for half a minute.
  for (const other of ["DescribeDeliveryStream", "ChangeMessageVisibilityBatch"]) actions.delete(other);
  for (const [index, action] of [...actions].entries()) {
    const [status, code, exitCode] = FAULTS[index % FAULTS.length] as (typeof FAULTS)[number];
    fault = { action, reaction: new AwsError(code, "no reason", status) };
    const ran = await statusThrough();
    const claims = Object.entries(ran.status).filter(
      ([name, value]) =>
        name !== "not_seen" && name !== "queues" && JSON.stringify(value) !== JSON.stringify(whole.status[name]),
    );
    const isNamed = ran.stderr.includes(action) || code === "ExpiredTokenException";
    if (ran.code !== exitCode || !isNamed || claims.length > 0) wrong.push([action, code, ran.code, claims]);
  }
  random.mockRestore();
  expect(wrong).toEqual([]);
  fault = { action: "ChangeMessageVisibilityBatch", reaction: new AwsError("AccessDenied", "no reason") };
  const hidden = await statusThrough();
  await proxy.close();
  expect([hidden.code, hidden.stderr]).toEqual([3, expect.stringMatching(/3 messages of local-events-dlq/)]);
}, 60_000);

test("counts a delayed message", async () => {
  await run.clients.sqs.send(
    new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody: "later", DelaySeconds: 600 }),
  );
  const { queues } = await statusOf("--dead-letters", "0");
  expect(queues[0]).toMatchObject({ name: "local-events-queue", delayed: 1 });
});

test("exits with 1 if the pipeline does not exist, and with 2 for invalid options", async () => {
  const { code, stderr } = await runCliOn(run, ["status", "--name", "other"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("--name")]);
  expect((await runCliOn(run, ["status", "--watch", "0"])).code).toBe(2);
});

test("exits with 3 if a queue is missing, and shows its row", async () => {
  const url = (name: string) => run.output("queue_url").replace("local-events-queue", name);
  const gone = ["local-events-dlq", "local-events-undelivered"];
  for (const name of gone) await run.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: url(name) }));
  const { code, stdout, stderr } = await runCliOn(run, ["status"]);
  expect(code).toBe(3);
  for (const name of gone) {
    expect(stderr).toContain(`${name}. `);
    expect(stdout).toMatch(new RegExp(`^- .*${name} `, "m"));
  }
  expect(stdout).toContain("local-events-queue");
});
