// The policies of docs/permissions.md against what the command asks AWS for, recorded in front of a local run.
import { execFileSync } from "node:child_process";
import { COMMAND_POLICIES, OPERATOR_POLICIES, type OperatorPolicy } from "../../operations/permissions";
import { readContext } from "../../stacks/options/read-context";
import { readStage } from "../../stacks/options/read-stage";
import { mendedLetter, sendAll } from "../helpers/dead-letters";
import { FaultyDoor } from "../helpers/faulty-door";
import { denied, grantsOf, uncalled } from "../helpers/grants";
import { LocalRun, stackFolder } from "../helpers/local-run";
import { Operator, operator } from "../helpers/operator";
import { PageStream } from "../helpers/page-stream";
import { urlOf } from "../helpers/queues";
import { type RecordedCall, recordedCalls } from "../helpers/recorded-call";
import { envelopeOf } from "../helpers/sqs-records";

const [NAME, REGION, ACCOUNT] = ["local", "us-east-1", "000000000000"];
const PLACE = { "{name}": NAME, "{subscriber}": "alerts", REGION, ACCOUNT };
const POLICIES = Object.keys(OPERATOR_POLICIES) as OperatorPolicy[];

/** What the buttons of the page need. */
const BUTTON_POLICIES: Readonly<Record<string, readonly OperatorPolicy[]>> = {
  "console that publishes": ["read", "publish"],
  "console that redrives": ["read", "operate"],
};

/** Of this machine's own configuration nothing is needed. */
const ENVIRONMENT = { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
/** Exit codes of a command that did what was asked, whatever it found. */
const DONE: readonly (number | null)[] = [0, 1, 3];

const callsByCommand = new Map<string, RecordedCall[]>();
let folder: string;
let run: LocalRun;

beforeAll(async () => {
  folder = stackFolder(() => undefined, readStage(readContext("cdktf.json"), { EVENT_PIPELINE_ID_INDEX: "true" }));
  run = await LocalRun.start("--stack-folder", folder);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

/** A way to the local run on which every request is recorded, as one of the command. */
function openDoor(command: string): Promise<FaultyDoor> {
  return FaultyDoor.open((request) => {
    callsByCommand.set(command, [...(callsByCommand.get(command) ?? []), ...recordedCalls(request, ACCOUNT)]);
    return undefined;
  }, run.ready.endpoint);
}

const address = (door: FaultyDoor) => ["--endpoint-url", door.endpoint, "--name", NAME];

/** Runs a command in one of its variants. */
async function record(command: string, variant: readonly string[] = [], stdin = ""): Promise<string> {
  const door = await openDoor(command);
  const args = [...command.split(" "), ...variant, ...address(door)];
  const ran = await operator(args, { environment: ENVIRONMENT, stdin });
  await door.close();
  expect({ args, ran, isDone: DONE.includes(ran.code) }).toEqual({ args, ran, isDone: true });
  return ran.stdout;
}

test("every command has its policies", () => {
  expect(Object.keys(COMMAND_POLICIES).sort()).toEqual(commandsOf().sort());
});

describe("what the commands call", () => {
  beforeAll(async () => {
    const [id = ""] = (await record("publish", ["good", "--id", "g-1", "--data", '{"severity":"low"}'])).split("\n");
    await Promise.all([
      record("publish", ["--sample", "not-json"]),
      record("publish", ["-"], '{"type":"good","id":"g-2"}\n'),
      record("samples"),
    ]);
    await run.until(() => run.hops("archived").length === 3 && run.hops("dead-lettered").length === 1);
    await putDeadLetters();
    await Promise.all([
      record("events tail", ["--since", "10m", "--limit", "1", "--filter", "severity=low"]),
      record("events list", ["--type", "good"]),
      record("events types", ["--yes"]),
      record("events show", [id]),
      record("events show", ["g-1"]),
      record("archive list"),
      record("archive get", ["--id", "g-1"]),
      record("reconcile", ["--content"]),
      record("doctor", ["--stack-folder", folder]),
    ]);
    // These peek: what one has in flight another does not see.
    await record("events show", ["never-published"]);
    await record("status");
    const peeks = ["events", "alerts", "undelivered"].map(async (queue) => {
      await record("dlq list", ["--queue", queue]);
      await record("dlq show", ["nobody", "--queue", queue]);
      await record("dlq export", ["-", "--queue", queue]);
    });
    await Promise.all(peeks);
    await recordConsole("console", async (ask, url) => {
      const stream = await PageStream.open(url);
      await stream.rowWhere(id, ({ status }) => status === "stored");
      await ask(`/api/events/${id}`);
      await ask("/api/dlq/look", {});
      stream.close();
    });
    await recordConsole("console that publishes", (ask) => ask("/api/publish", { message: '{"type":"good"}' }));
    await recordConsole("console that redrives", (ask) => ask("/api/dlq/redrive", { code: "NOT_JSON" }));
    await Promise.all([
      record("dlq redrive", ["--yes", "--wait", "20"]),
      record("dlq redrive", ["--queue", "alerts", "--yes", "--wait", "20"]),
      record("dlq redrive", ["--queue", "undelivered", "--yes"]),
    ]);
    const purges = ["local-events-dlq", "local-alerts-dlq", "local-events-undelivered"].map((queue) =>
      record("dlq purge", [queue, "--queue", queue, "--yes"]),
    );
    await Promise.all(purges);
    const replays = [[], ["--missing"], ["--refused"]].map((variant) =>
      record("archive replay", [...variant, "--yes"]),
    );
    await Promise.all(replays);
  }, 180_000);

  test.each(Object.entries({ ...COMMAND_POLICIES, ...BUTTON_POLICIES }))(
    "%s calls what %j allow, and nothing else",
    (command, policies) => {
      const grants = policies.flatMap((policy) => grantsOf(OPERATOR_POLICIES[policy], PLACE));
      expect(denied(callsByCommand.get(command) ?? [], grants)).toEqual([]);
    },
  );

  test.each(POLICIES)("%s allows nothing that no command calls", (policy) => {
    const commands = Object.entries(COMMAND_POLICIES).filter(([, policies]) => policies.at(-1) === policy);
    const calls = commands.flatMap(([command]) => callsByCommand.get(command) ?? []);
    expect(uncalled(grantsOf(OPERATOR_POLICIES[policy], PLACE), calls)).toEqual([]);
  });
});

/** One in each queue; the undelivered one's subscription is gone, so that it is for the queue and the stream. */
async function putDeadLetters(): Promise<void> {
  const { sqs } = run.clients;
  const UnsubscribeURL = `https://sns.us-east-1.amazonaws.com/?SubscriptionArn=${run.output("topic_arn")}:gone`;
  const Timestamp = new Date().toISOString();
  const gone = { MessageBody: envelopeOf('{"type":"gone","id":"x"}', { Timestamp, UnsubscribeURL }) };
  await sendAll(sqs, await urlOf(sqs, "local-events-dlq"), [mendedLetter("m-1")]);
  await sendAll(sqs, await urlOf(sqs, "local-alerts-dlq"), [mendedLetter("m-2")]);
  await sendAll(sqs, await urlOf(sqs, "local-events-undelivered"), [gone]);
}

type Ask = (path: string, body?: object) => Promise<void>;

/** Serves the page, and records what it asks for while it is used. */
async function recordConsole(command: string, use: (ask: Ask, url: string) => Promise<void>): Promise<void> {
  const door = await openDoor(command);
  const serving = new Operator(["console", "--json", ...address(door)], ENVIRONMENT);
  await serving.until(() => serving.stdout.includes("\n"));
  const { url } = JSON.parse(serving.stdout) as { url: string };
  const { origin, hash } = new URL(url);
  const ask: Ask = async (path, body) => {
    const answer = await fetch(origin + path, {
      headers: { authorization: `Bearer ${hash.slice("#token=".length)}`, "content-type": "application/json" },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  };
  await use(ask, url);
  serving.child.kill("SIGINT");
  await serving.done;
  await door.close();
}

/** What `--help` lists, with the commands of each group in its place. */
function commandsOf(group: readonly string[] = []): string[] {
  const help = execFileSync(process.execPath, ["dist/cli/main.mjs", ...group, "--help"], { encoding: "utf8" });
  const [, list = ""] = help.split("\nCommands:\n");
  const names = [...list.matchAll(/^ {2}([a-z]+)(?: .*)?$/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help");
  if (names.length === 0) return [group.join(" ")];
  return names.flatMap((name) => commandsOf([...group, name]));
}
