import { FaultyProxy, jsonError } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { CliProcess, records, runCliOn } from "@event-pipeline/testing/run-cli";

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start("--archive-interval", "300");
});
afterAll(() => run.stop());

const tail = (args: string[], endpoint = run.ready.endpoint) =>
  new CliProcess(["events", "tail", ...args], { AWS_ENDPOINT_URL: endpoint });

/** Sends SIGINT once the command has printed enough lines. */
async function shown(command: CliProcess, count: number) {
  await command.until(() => command.stdout.split("\n").length > count);
  command.child.kill("SIGINT");
  return command.done;
}

test("prints each event of a burst, with latency and age", async () => {
  const command = tail(["--json"]);
  await command.until(() => command.stderr.includes("Waiting for events"));
  const lines = Array.from({ length: 2_000 }, (_, index) =>
    JSON.stringify({ type: "burst", id: String(index), time: "2026-01-01T00:00:00Z" }),
  );
  await runCliOn(run, ["publish", "-", "--no-validate"], [...lines, "{poison"].join("\n"));
  const ids = () => new Set(command.stdout.match(/"sns_message_id":"[^"]+"/g));
  await command.until(() => ids().size === 2_001);
  const ran = await shown(command, 2_001);
  expect(ran.code).toBe(130);
  const landed = records(ran);
  expect(ran.stderr).toContain(`${landed.length} events.`);
  const refused = landed.filter(({ end }) => end === "refused");
  expect(new Set(refused.map(({ error_code }) => error_code))).toEqual(new Set(["NOT_JSON"]));
  expect(landed.find(({ event_id }) => event_id === "1999")).toMatchObject({
    end: "stored",
    event_type: "burst",
    latency_ms: expect.any(Number),
    age_ms: expect.any(Number),
  });
});

test("--since may be before 1970, when the log of CloudWatch begins", async () => {
  const id = (await runCliOn(run, ["publish", "first"])).stdout.trimEnd();
  await run.waitForHop(id, "stored");
  const ran = await tail(["--since", "1960-01-01", "--limit", "1"]).done;
  expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining("cannot be read")]);
});

test("--since, --type and --filter select earlier events", async () => {
  await runCliOn(
    run,
    ["publish", "-"],
    '{"type":"a","x":{"y":1}}\n{"type":"a","x":{"y":2}}\n{"type":"b","x":{"y":1}}\n',
  );
  await run.until(() => run.hops("stored").some(({ detail }) => detail.event_type === "b"));
  const ran = await runCliOn(run, [..."events tail --since 1h --type a --filter x.y=1 --limit 1 --json".split(" ")]);
  expect(ran.code).toBe(0);
  expect(records(ran)).toMatchObject([{ event_type: "a", data: { type: "a", x: { y: 1 } } }]);
});

test("reports throttling, and prints every event", async () => {
  let faults = 6;
  const proxy = await FaultyProxy.open(
    ({ action }) =>
      action === "FilterLogEvents" && faults-- > 0 ? jsonError(400, "ThrottlingException", "slower") : undefined,
    run.ready.endpoint,
  );
  await runCliOn(run, ["publish", "throttled"]);
  const ran = await shown(tail(["--since", "1m", "--type", "throttled"], proxy.endpoint), 1);
  await proxy.close();
  expect(ran.stderr).toMatch(/throttle.* 2 s/);
  expect(ran.stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}stored {4}/);
}, 60_000);

test("says from when the log was not read, and how to continue", async () => {
  const proxy = await FaultyProxy.open(
    ({ action }) => (action === "FilterLogEvents" ? jsonError(400, "AccessDeniedException", "denied") : undefined),
    run.ready.endpoint,
  );
  const command = tail(["--since", "1m", "--type", "unread"], proxy.endpoint);
  await command.until(() => command.stderr.includes("cannot be read"));
  command.child.kill("SIGINT");
  const { code, stderr } = await command.done;
  await proxy.close();
  const [, since = "", again = ""] =
    /^The events since (\S+) were not all read. To continue: (.*)$/m.exec(stderr) ?? [];
  expect([code, Number.isNaN(Date.parse(since))]).toEqual([130, false]);
  expect(again).toBe(`node dist/cli/main.mjs events tail --type unread --local --since ${since}`);
});

test("reports batches whose records are not logged", async () => {
  const proxy = await FaultyProxy.open(({ action }) => {
    if (action !== "FilterLogEvents") return undefined;
    const message = JSON.stringify({ message: "batch processed", records: 1 });
    return { status: 200, body: JSON.stringify({ events: [{ eventId: "1", timestamp: Date.now(), message }] }) };
  });
  const command = tail([], proxy.endpoint);
  await command.until(() => command.stderr.includes("LOG_RECORDS is false"));
  command.child.kill("SIGINT");
  expect((await command.done).code).toBe(130);
  await proxy.close();
});

test("ends when its reader closes the pipe", async () => {
  await runCliOn(run, ["publish", "x"]);
  const command = tail(["--since", "1h"]);
  await command.until(() => command.stdout !== "");
  command.child.stdout.destroy();
  await runCliOn(run, ["publish", "x", "--count", "100"]);
  expect((await command.done).code).toBe(0);
});
