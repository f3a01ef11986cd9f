import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventProcessorNames } from "@event-pipeline/event-model/resource-names";
import { DECISIONS } from "@event-pipeline/testing/decisions";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import { requireTools } from "@event-pipeline/testing/tools";
import type { Plan } from "../terraform/harness/plan";
import { DeployedClone } from "./deployed-clone";
import { eventually } from "./eventually";
import { GAPS } from "./gaps";
import { Ministack } from "./ministack";
import { outdatedAttributes, PLAN_DIFFERENCES, stackDifferences } from "./plan-differences";

const PAGE = readFileSync("docs/emulators.md", "utf8");
/** The pipeline's name on the page. */
const NAME = "alice";
const EVENTS = 500;

let root: string;
let ministack: Ministack;
let clone: DeployedClone;
beforeAll(async () => {
  requireTools(["ministack", "terraform"], { by: "test:emulator" });
  // A real path, because ".." in the JSON's relative paths breaks in a linked folder.
  root = mkdtempSync(join(realpathSync(tmpdir()), "event-pipeline-emulator-"));
  ministack = await Ministack.start(root);
  clone = await DeployedClone.create(root, ministack.endpoint);
});
afterAll(async () => {
  await ministack?.stop();
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
});

test("ministack has the version and starts as on the page", () => {
  expect(PAGE).toContain(`pip install ministack==${ministack.version}\nBIND_HOST=127.0.0.1 ministack/bin/ministack\n`);
});

describe("the commands of the page", () => {
  test("deploy, publish an event and show the status", async () => {
    const before = clone.commands.slice(0, -1);
    expect(before.map((command) => command.split(" ").slice(0, 3).join(" "))).toEqual([
      "npm run deploy",
      "npx event-pipeline publish",
      "npx event-pipeline status",
    ]);
    for (const command of before.slice(0, -1)) await clone.run(command);
    // status names on stderr what it cannot read.
    expect((await clone.run(String(before.at(-1)))).stderr).toBe("");
  });

  test(`store ${EVENTS} events, or keep them as dead letters with a reason`, async () => {
    const poison = Object.values(DECISIONS).flatMap(({ messages, end }) =>
      // A body that SNS did not write cannot be published; ndjson has no message of several lines.
      typeof end === "object" && "refused" in end && end.refused !== "NOT_AN_ENVELOPE"
        ? messages.filter((message) => message.length < 100_000).map((message) => ({ message, code: end.refused }))
        : [],
    );
    expect(new Set(poison.map(({ code }) => code)).size).toBeGreaterThan(3);
    const valid = Array.from({ length: EVENTS - poison.length }, (_, n) => `{"type":"emulator.event","id":"${n}"}`);
    const input = [...poison.map(({ message }) => message), ...valid].join("\n");
    const published = await clone.records("publish - --no-validate", { input });
    const ids = published.map(({ message_id }) => message_id);
    expect(new Set(ids).size).toBe(EVENTS);

    let dead: { sns_message_id: string; error_code: string }[] = [];
    let stored: { message_id: string }[] = [];
    await eventually("every event is stored or dead", async () => {
      dead = await clone.records("dlq export -");
      stored = await clone.records("events list --type emulator.event --all");
      return dead.length + stored.length >= EVENTS;
    });
    expect(stored.map(({ message_id }) => message_id).sort()).toEqual(ids.slice(poison.length).sort());
    expect(Object.fromEntries(dead.map(({ sns_message_id, error_code }) => [sns_message_id, error_code]))).toEqual(
      Object.fromEntries(poison.map(({ code }, index) => [ids[index], code])),
    );
  });
});

describe("the operator's command", () => {
  test("events show traces an event to the table, and a refused one to the dead-letter queue", async () => {
    const shown = await clone.run("npx event-pipeline events show 7");
    expect(shown.stdout).toMatch(/receive \d+: stored/);
    const [{ example_id: id }] = await clone.records("dlq list --code NOT_AN_OBJECT");
    expect((await clone.run(`npx event-pipeline events show ${id}`)).stdout).toContain("refused  NOT_AN_OBJECT");
  });

  test("events tail follows the handler", async () => {
    const handled = await clone.records("events tail --since 1h --limit 20");
    expect(handled).toHaveLength(20);
  });

  test("dlq redrive returns refused messages with their reason", async () => {
    const [{ count }] = await clone.records("dlq list --code INVALID_TYPE");
    const { stderr } = await clone.run("npx event-pipeline dlq redrive --code INVALID_TYPE --yes --wait 60", {
      code: 3,
    });
    expect(stderr).toContain(`${count} returned to the dead-letter queue: INVALID_TYPE.`);
  });

  test("dlq redrive stores a message whose cause is fixed", async () => {
    const sqs = new SQSClient({
      endpoint: ministack.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      useQueueUrlAsEndpoint: false,
    });
    const { deadLetterQueueName } = eventProcessorNames(NAME);
    const MessageBody = envelopeOf('{"type":"emulator.redriven"}');
    await sqs.send(
      new SendMessageCommand({ QueueUrl: `${ministack.endpoint}/000000000000/${deadLetterQueueName}`, MessageBody }),
    );
    await clone.run("npx event-pipeline dlq redrive --code none --yes --wait 60");
    expect(await clone.records("events list --type emulator.redriven")).toHaveLength(1);
  });

  test("doctor finds no broken hop, and names what ministack does not have", async () => {
    const { stdout, stderr } = await clone.run("npx event-pipeline doctor");
    expect(stdout).not.toMatch(/^[✗?]/m);
    expect(stderr).toMatch(/^Not available at \S+: the key \S+:alias\/aws\/dynamodb\.$/m);
  });

  test("reconcile does not take the empty archive for a loss", async () => {
    const { stdout, stderr } = await clone.run("npx event-pipeline reconcile", { code: 3 });
    expect(stdout + stderr).toContain("The archive is not complete");
  });
});

describe("a second plan", () => {
  let plan: Plan;
  beforeAll(async () => {
    await clone.run("npm run diff");
    plan = JSON.parse(await clone.shownPlan());
  });

  test("changes only what ministack forgets", () => expect(stackDifferences(plan)).toEqual([]));

  test.each(PLAN_DIFFERENCES)("still changes $type, because $reason", (difference) => {
    expect(outdatedAttributes(plan, difference)).toEqual([]);
  });
});

describe("what ministack lacks", () => {
  test("is what the page lists", () => {
    const [, list = ""] = /^### What ministack lacks$([^#]*)/m.exec(PAGE) ?? [];
    const items = list.split(/^- /m).slice(1);
    expect(items.map((item) => item.replace(/\s+/g, " ").trim())).toEqual(GAPS.map(({ item }) => item));
  });

  test.each(GAPS)("is still so: $item", async ({ isThere }) => {
    expect(await isThere({ endpoint: ministack.endpoint, name: NAME })).toBe(true);
  });
});

test("the page's last command destroys the stack", async () => {
  expect(clone.commands.at(-1)).toBe("npm run destroy");
  await clone.run("npm run destroy");
  expect(clone.stateResources()).toEqual([]);
});

test("a ministack that does not start ends with an error", async () => {
  const file = join(root, "ministack");
  writeFileSync(file, "#!/bin/sh\nexec sleep 600\n");
  chmodSync(file, 0o755);
  const env = { ...process.env, PATH: `${root}:${process.env.PATH}` };
  await expect(Ministack.start(root, env, 1_000)).rejects.toThrow(/^ministack took longer than 1 s/);
});
