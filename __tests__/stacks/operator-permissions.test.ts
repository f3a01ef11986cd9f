// Compares the policies in docs/permissions.md with the calls that commands make, as recorded by a proxy.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redrivableMessage, sendAll } from "@event-pipeline/testing/dead-letters";
import { deniedCalls, grantsOf, onAws, uncalled } from "@event-pipeline/testing/grants";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { COMMAND_POLICIES } from "@event-pipeline/testing/policies";
import { urlOf } from "@event-pipeline/testing/queues";
import { runCli } from "@event-pipeline/testing/run-cli";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { EXAMPLE_EVENTS } from "@event-pipeline/testing/synthesized";
import { readContext } from "../../stacks/options/read-context";
import { readStage } from "../../stacks/options/read-stage";
import { ACCOUNT, NAME, REGION, RecordedCommands } from "./recorded-commands";

// The subscriber of the stage dev.
const PLACE = { "{name}": NAME, "{subscriber}": "alerts", REGION, ACCOUNT };
const POLICIES = ["publish", "read", "operate"];

/** Policies that the page's buttons need. */
const BUTTON_POLICIES: Readonly<Record<string, readonly string[]>> = {
  "console that publishes": ["read", "publish"],
  "console that redrives": ["read", "operate"],
};

let folder: string;
let run: LocalRun;
let commands: RecordedCommands;

beforeAll(async () => {
  folder = stackFolder(
    () => undefined,
    readStage(readContext("cdktf.json"), { EVENT_PIPELINE_EVENT_ID_INDEX: "true" }),
    EXAMPLE_EVENTS,
  );
  run = await LocalRun.start("--stack-folder", folder);
  commands = new RecordedCommands(run);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

test("docs/permissions.md and docs/operations.md have each command", async () => {
  const commands = (await commandsOf()).sort();
  expect(Object.keys(COMMAND_POLICIES).sort()).toEqual(commands);
  const [, table = ""] = readFileSync("docs/operations.md", "utf8").split("| command | does |");
  const cells = [
    ...table
      .split("\n\n", 1)
      .join()
      .matchAll(/^\| (`.+?`) \|/gm),
  ].map(([, cell = ""]) => cell);
  const documented = cells.flatMap((cell) => [...cell.matchAll(/`([a-z ]+?)(?: ID)?`/g)].map(([, name]) => name));
  expect(documented.sort()).toEqual(commands);
});

describe("the commands' calls", () => {
  beforeAll(async () => {
    const record: RecordedCommands["record"] = (...args) => commands.record(...args);
    const [id = ""] = (await record("publish", ["good", "--id", "g-1", "--data", '{"severity":"low"}'])).split("\n");
    await Promise.all([
      record("publish", ["--sample", "not-json"]),
      record("publish", ["-"], '{"type":"good","id":"g-2"}\n'),
      record("samples"),
    ]);
    await run.until(() => run.hops("archived").length === 3 && run.idsOf("dead-lettered").size === 1);
    await putDeadLetters();
    await Promise.all([
      record("events tail", ["--since", "10m", "--limit", "1", "--filter", "severity=low"]),
      record("events list", ["--type", "good"]),
      record("events types", ["--yes"]),
      record("events show", [id]),
      record("events show", ["g-1"]),
      record("archive list"),
      record("archive get", ["--id", "g-1"]),
      record("contracts check", ["--folder", EXAMPLE_EVENTS, "--deployed", "--archive"]),
      record("reconcile", ["--compare-data"]),
      record("doctor", ["--stack-folder", folder]),
      record("contracts list", ["--deployed"]),
      record("contracts show", ["finding.new", "--deployed"]),
      ...["types", "docs", "asyncapi"].map((name) => record(`contracts ${name}`, ["--deployed"])),
    ]);
    // These commands run one after the other, because messages in flight for one are invisible to another.
    await record("events show", ["never-published"]);
    await record("status");
    const peeks = ["events", "alerts", "undelivered"].map(async (queue) => {
      await record("dlq list", ["--queue", queue]);
      await record("dlq show", ["nobody", "--queue", queue]);
      await record("dlq export", ["-", "--queue", queue]);
    });
    await Promise.all(peeks);
    await commands.recordConsole("console", async (ask, url) => {
      const stream = await PageStream.open(url);
      await stream.rowWhere(id, ({ status }) => status === "stored");
      await ask(`/api/events/${id}`);
      await ask("/api/dlq/peek", {});
      stream.close();
    });
    await commands.recordConsole("console that publishes", (ask) =>
      ask("/api/publish", { message: '{"type":"good"}' }),
    );
    await commands.recordConsole("console that redrives", (ask) => ask("/api/dlq/redrive", { code: "NOT_JSON" }));
    await Promise.all([
      record("dlq redrive", ["--yes", "--wait", "20"]),
      record("dlq redrive", ["--queue", "alerts", "--yes", "--wait", "20"]),
      record("dlq redrive", ["--queue", "undelivered", "--yes"]),
    ]);
    const exported = join(mkdtempSync(join(tmpdir(), "export-")), "letters.ndjson");
    await sendAll(run.clients.sqs, await urlOf(run.clients.sqs, "local-events-dlq"), [redrivableMessage("m-3")]);
    await record("dlq export", [exported]);
    await record("dlq purge", ["--exported", exported, "--yes"]);
    const purges = ["local-events-dlq", "local-alerts-dlq", "local-events-undelivered"].map((queue) =>
      record("dlq purge", [queue, "--queue", queue, "--yes"]),
    );
    await Promise.all(purges);
    const replays = [[], ["--only-missing"], ["--include-refused"]].map((variant) =>
      record("archive replay", [...variant, "--yes"]),
    );
    await Promise.all(replays);
  }, 180_000);

  test.each(Object.entries({ ...COMMAND_POLICIES, ...BUTTON_POLICIES }))(
    "%s makes only calls that the policies %j allow",
    (command, policies) => {
      const grants = grantsOf(policies, PLACE);
      const calls = onAws(commands.callsOf(command));
      expect(deniedCalls(calls, grants)).toEqual([]);
      // A command that needs a policy must be recorded in beforeAll().
      expect({ command, isRecorded: calls.length > 0 }).toEqual({ command, isRecorded: policies.length > 0 });
    },
  );

  test.each(POLICIES)("the policy %s allows only calls that commands make", (policy) => {
    // doctor.terraform.test.ts checks the policy doctor, because the local run has no roles.
    const own = Object.entries(COMMAND_POLICIES).filter(
      ([, policies]) => policies.filter((each) => each !== "doctor").at(-1) === policy,
    );
    const calls = own.flatMap(([command]) => commands.callsOf(command));
    expect(uncalled(grantsOf([policy], PLACE), calls)).toEqual([]);
  });
});

/** Puts a message in each queue. The undelivered message names a deleted subscription, so a redrive sends it to all. */
async function putDeadLetters(): Promise<void> {
  const { sqs } = run.clients;
  const UnsubscribeURL = `https://sns.us-east-1.amazonaws.com/?SubscriptionArn=${run.output("topic_arn")}:gone`;
  const Timestamp = new Date().toISOString();
  const gone = { MessageBody: envelopeOf('{"type":"gone","id":"x"}', { Timestamp, UnsubscribeURL }) };
  await sendAll(sqs, await urlOf(sqs, "local-events-dlq"), [redrivableMessage("m-1")]);
  await sendAll(sqs, await urlOf(sqs, "local-alerts-dlq"), [redrivableMessage("m-2")]);
  await sendAll(sqs, await urlOf(sqs, "local-events-undelivered"), [gone]);
}

/** Returns the commands that `--help` lists, including those of each group. */
async function commandsOf(group: readonly string[] = []): Promise<string[]> {
  const { stdout } = await runCli([...group, "--help"]);
  const [, list = ""] = stdout.split("\nCommands:\n");
  const names = [...list.matchAll(/^ {2}([a-z]+)(?: .*)?$/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help");
  if (names.length === 0) return [group.join(" ")];
  return (await Promise.all(names.map((name) => commandsOf([...group, name])))).flat();
}
