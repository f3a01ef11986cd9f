import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PublishCommand } from "@aws-sdk/client-sns";
import { HELP as BENCH_HELP } from "@event-pipeline/bench/options";
import { HELP as START_HELP } from "@event-pipeline/local-run/options";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";
import { requireTools } from "@event-pipeline/testing/tools";
import { scripts } from "../../package.json";
import { commandsOf, type DocCommand, isSetup, withoutEnvironment } from "../helpers/doc-commands";

const TOOLS = ["aws", "find", "npm", "npx", "terraform"];
const FILES = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** Documents, and headings of documents, whose commands test:fork, test:emulator and test:terraform run. */
const WALKED_ELSEWHERE = /^docs\/(?:cdktf|emulators)\.md|^docs\/deploy\.md### The job that/;
const commands = FILES.flatMap((file) => commandsOf(file, TOOLS)).filter(
  ({ file, heading, inBlock }) => !(inBlock && WALKED_ELSEWHERE.test(file + heading)),
);

const toolOf = ({ text }: DocCommand) => withoutEnvironment(text).split(" ")[0] ?? "";
const ofTool = (tool: string) => commands.filter((command) => toolOf(command) === tool);

const shell = async (script: string, cwd = ".") => {
  const { PATH = "", HOME = "" } = process.env;
  return promisify(execFile)("bash", ["-euc", script], { cwd, env: { PATH, HOME }, timeout: 25_000 });
};

/** Scripts, and commands of cdktf, that reach AWS. */
const DEPLOYING = ["diff", "deploy", "destroy"];

async function helpOf(script: string): Promise<string> {
  if (script === "start") return START_HELP;
  if (script === "bench") return BENCH_HELP;
  return DEPLOYING.includes(script) ? (await shell(["npx", "cdktf", script, "--help", "2>&1"].join(" "))).stdout : "";
}

test("every command starts with a tool that is tested here", () => {
  const strangers = commands.filter((command) => !TOOLS.includes(toolOf(command)) && !isSetup(command));
  expect(strangers).toEqual([]);
  for (const tool of ["aws", "npm"]) expect(ofTool(tool).length).toBeGreaterThan(3);
});

describe("npm and npx commands exist, with their options", () => {
  test.each(ofTool("npm"))("$text ($file)", async ({ text, awsOnly }) => {
    for (const part of withoutEnvironment(text).split(" && ")) {
      const [, name, script, options = ""] = /^npm (?:run )?(\S+)()(?: -- (.*))?$/.exec(part) ?? [];
      expect(script).toBe("");
      const known = ["audit", "ci", "cit", "pack", ...Object.keys(scripts)];
      expect(known).toContain(name);
      const help = await helpOf(String(name));
      for (const option of options.match(/--[\w-]+/g) ?? []) expect(help).toContain(`  ${option}`);
      if (DEPLOYING.includes(String(name))) expect(awsOnly).toBe(true);
    }
  });

  test.each(ofTool("npx"))("$text ($file)", async ({ text, awsOnly }) => {
    const [, binary = "", ...args] = withoutEnvironment(text).split(" ");
    if (binary === "event-pipeline") {
      const { stdout } = await shell(
        `packages/cli/event-pipeline.mjs ${args.filter((arg) => /^[a-z]+$/.test(arg)).join(" ")} --help`,
      );
      expect(stdout).toContain(`Usage: event-pipeline ${args[0] ?? "[options]"}`);
      return;
    }
    expect(existsSync(`node_modules/.bin/${binary}`)).toBe(true);
    // The help of the command itself, because an unknown command prints the help of all.
    const { stdout } = await shell(`node_modules/.bin/${binary} ${args.join(" ")} --help 2>&1`);
    expect(stdout).toContain(`${binary} ${args[0] ?? ""}`);
    if (DEPLOYING.includes(String(args[0]))) expect(awsOnly).toBe(true);
  });

  test.each(ofTool("terraform"))("$text ($file)", ({ text, awsOnly }) => {
    expect(text).toMatch(
      /^terraform (?:init(?: -upgrade)?|plan|show kept\.tfplan|apply|destroy|state rm \w+\.\w+|import aws_\w+\.\w+ \S+|\S+ providers mirror .*|providers lock)$/,
    );
    expect(awsOnly).toBe(true);
  });
});

describe("commands of the AWS CLI work against the local run", () => {
  let run: LocalRun;
  let stored: string;
  let refused: string;
  /** Folder for files that commands write. */
  const folder = mkdtempSync(join(tmpdir(), "docs-"));

  beforeAll(async () => {
    requireTools(["aws"], { by: "test:docs" });
    const stack = stackFolder(() => undefined, stageWith({ eventIdIndex: true }));
    // As npm start does.
    run = await LocalRun.start("--delivery", "ordered", "--stack-folder", stack);
    const publish = async (Message: string) => {
      const { MessageId } = await run.clients.sns.send(
        new PublishCommand({ TopicArn: run.output("topic_arn"), Message }),
      );
      return String(MessageId);
    };
    stored = await publish('{"type":"scan.done","id":"scan-1","time":"2026-01-02T03:04:05Z"}');
    const finding = '"type":"finding.new","severity":"high"';
    const others = [
      await publish(`{${finding},"id":"high","time":"2026-01-02T03:10:00Z"}`),
      // A DynamoDB map cannot hold this number.
      await publish(`{${finding},"id":"text","time":"2026-01-02T03:11:00Z","score":1e400}`),
    ];
    refused = await publish("poison");
    for (const id of [...others, refused]) await run.waitForHop(id, "archived");
    for (const id of others) await run.waitForHop(id, "stored");
    await run.waitForHop(stored, "archived");
    await run.waitForHop(stored, "stored");
    await run.waitForHop(refused, "processed");
    await run.waitFor(({ kind, line }) => kind === "log" && JSON.stringify(line).includes(refused));
  });

  afterAll(async () => {
    expect(await run.stop()).toBe(0);
  });

  /** Replaces the documents' placeholders. */
  const filledIn = (text: string, messageId: string) =>
    text
      .replaceAll("http://127.0.0.1:4566", run.ready.endpoint)
      .replaceAll("{name}", "local")
      .replaceAll("REGION", run.ready.region)
      .replaceAll("ACCOUNT", "000000000000")
      .replaceAll("MESSAGE_ID", messageId);

  /** Returns the documented lines that set up the shell for the local run. */
  const setup = () =>
    commands
      .filter((command) => isSetup(command) && !command.awsOnly)
      .map(({ text }) => text.replace("http://127.0.0.1:4566", run.ready.endpoint))
      .join("\n");

  const json = (matches: object) => (stdout: string) => expect(JSON.parse(stdout)).toMatchObject(matches);

  /** The expected result of each command, and the message that it is about. */
  const expectations: readonly [pattern: RegExp, of: "stored" | "refused", check: (stdout: string) => void][] = [
    [/^aws sns publish /, "stored", json({ MessageId: expect.stringMatching(/^[\w-]{36}$/) })],
    [/^aws dynamodb scan --table-name \S+$/, "stored", json({ Items: expect.arrayContaining([expect.anything()]) })],
    [/^aws dynamodb scan .*:m/, "stored", (stdout) => json({ Items: [{ message_id: { S: stored } }] })(stdout)],
    [/^aws dynamodb scan .*event_id/, "stored", json({ Items: [{ event_id: { S: "scan-1" } }] })],
    [/^aws dynamodb query .*(?:scan\.done|event-id)/, "stored", json({ Items: [{ event_id: { S: "scan-1" } }] })],
    [/^aws dynamodb query .*:severity/, "stored", json({ Items: [{ event_id: { S: "high" } }] })],
    [/^aws dynamodb query .*data_encoding/, "stored", json({ Items: [{ event_id: { S: "text" } }] })],
    [/^aws dynamodb query .*COUNT/, "stored", (stdout) => expect(JSON.parse(stdout).Count).toBeGreaterThanOrEqual(2)],
    [/^aws s3 cp --recursive /, "stored", (stdout) => expect(stdout).toContain("download: ")],
    [
      /^find archive /,
      "stored",
      (stdout) =>
        expect(JSON.parse(stdout)).toMatchObject({ "scan.done": 1, "finding.new": expect.any(Number), "(poison)": 1 }),
    ],
    [/^aws s3 ls --recursive /, "stored", (stdout) => expect(stdout).toMatch(/ raw\/year=\d{4}\/.*\.gz$/m)],
    [
      /^aws sqs receive-message .*-dlq/,
      "refused",
      json({ Messages: [{ MessageAttributes: { error_code: { StringValue: "NOT_JSON" } } }] }),
    ],
    [
      /^aws logs filter-log-events .*MESSAGE_ID/,
      "refused",
      json({
        events: expect.arrayContaining([
          expect.objectContaining({ message: expect.stringContaining("record refused") }),
        ]),
      }),
    ],
    // These come last: the first removes the message from the dead-letter queue that the others read.
    [/^aws sqs start-message-move-task /, "refused", json({ TaskHandle: expect.stringMatching(/^\S+$/) })],
    [
      /^aws sqs list-message-move-tasks /,
      "refused",
      json({ Results: [{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }] }),
    ],
  ];
  const order = ({ text }: DocCommand) => expectations.findIndex(([pattern]) => pattern.test(text));

  const isName = ({ text }: DocCommand) => /^aws \S+ \S+$/.test(text);
  const whole = [...ofTool("aws"), ...ofTool("find")].filter((command) => !isName(command));

  test("each has an expectation here, or is marked as AWS only", () => {
    expect(whole.filter((command) => order(command) === -1 && !command.awsOnly)).toEqual([]);
    for (const { text } of ofTool("aws").filter(isName)) {
      expect(whole.map((command) => command.text)).toContainEqual(expect.stringMatching(`^${text} `));
    }
  });

  const local = whole.filter(({ awsOnly }) => !awsOnly).sort((a, b) => order(a) - order(b));

  test.each(local)("$text ($file)", async (command) => {
    const [, of, check] = expectations[order(command)] ?? [];
    const text = filledIn(command.text, of === "refused" ? refused : stored);
    const { stdout } = await shell(`${setup()}\n${text}`, folder);
    check?.(stdout);
  });
});
