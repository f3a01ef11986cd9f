import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { Publisher } from "@event-pipeline/testing/publisher";
import { at, stageWith } from "@event-pipeline/testing/synthesized";
import { HELP, OPTIONS, parseOptions } from "../options";

async function refusal(...args: string[]): Promise<string> {
  const run = LocalRun.spawn(...args);
  expect(await run.exited).toBe(2);
  expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
  return run.stderr;
}

test("--once runs the demonstration without a page and exits with 0", async () => {
  const run = LocalRun.spawn("--once");
  expect(await run.exited).toBe(0);
  expect(run.lines.at(-1)).toMatchObject({ kind: "verdict", ok: true, problems: [] });
  const sizes = (["stored", "archived", "dead-lettered"] as const).map((kind) => run.idsOf(kind).size);
  expect(sizes).toEqual([3, 4, 1]);
  expect(run.ready).not.toHaveProperty("page");
});

test("Ctrl-C during the demonstration exits with 0", async () => {
  const run = LocalRun.spawn();
  await run.waitFor(({ kind }) => kind === "ready");
  run.child.kill("SIGINT"); // npm forwards a signal that the terminal has sent to the run too.
  expect(await run.stop("SIGINT")).toBe(0);
  expect(run.stderr).toBe("");
  expect(run.lines).toContainEqual({ kind: "note", message: expect.stringContaining("Stopping") });
});

test("--once exits with 1 when Ctrl-C interrupts the demonstration", async () => {
  const run = LocalRun.spawn("--once", "--archive-interval", "900");
  await run.waitFor(({ kind }) => kind === "ready");
  expect(await run.stop()).toBe(1);
  expect(run.stderr).toBe("");
});

test("exits with 0 and no message when the reader of stdout closes the pipe", async () => {
  const run = LocalRun.spawn("--archive-interval", "900");
  await run.waitFor(({ kind }) => kind === "ready");
  run.child.stdout?.destroy();
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe("");
});

test("--help exits with 0 and no message when its output is not read", () => {
  const { stderr, status } = spawnSync("sh", ["-c", '"$0" dist/local/main.mjs --help | true', process.execPath], {
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
});

test("exits with 1 and a one-line error when stdout cannot be written to", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "output-")), "log");
  // A limit of 0 bytes per file acts like a full disk.
  const run = LocalRun.spawnUnder(["sh", "-c", 'ulimit -f 0; exec "$@" >"$0"', file]);
  expect(await run.exited).toBe(1);
  expect(run.stderr).toMatch(/^Cannot write to standard output: EFBIG: .*\.\n$/);
});

test("rejects a stack with an expression that it cannot evaluate", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "aws_lambda_event_source_mapping.event_processor").event_source_arn = "${aws_sqs_queue.nobody.arn}";
  });
  expect(await refusal("--stack-folder", folder)).toContain("aws_sqs_queue.nobody.arn");
});

test("exits with 0 on SIGTERM under load, before the shutdown timeout", async () => {
  const run = await LocalRun.start();
  const publishers = ["a", "b", "c", "d"].map(
    (name) => new Publisher(name, run.ready.endpoint, run.output("topic_arn")),
  );
  try {
    await run.until(() => run.hops("stored").length > 200);
    expect(await run.stop("SIGTERM")).toBe(0);
    expect(run.lines).toContainEqual({ kind: "note", message: expect.stringContaining("Stopping") });
  } finally {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
  }
});

test("delivers only to the archive if the stack has no subscription of the queue", async () => {
  const folder = stackFolder(({ resource }) => {
    delete resource.aws_sns_topic_subscription?.sqs;
  });
  const run = await LocalRun.start("--stack-folder", folder);
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: "{}" });
  const { MessageId } = await run.clients.sns.send(command);
  await run.waitForHop(String(MessageId), "archived");
  expect(run.hops().map(({ kind }) => kind)).toEqual(["published", "archived"]);
  await run.stop();
});

test("names a handler that cannot be loaded, with the reason", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "aws_lambda_function.event_processor").environment = { variables: {} };
  });
  expect(await refusal("--stack-folder", folder)).toMatch(
    /^The handler of local-event-processor cannot be loaded: .*TABLE_NAME/,
  );
});

test("rejects a queue to which SNS may not send, because AWS would drop the events", async () => {
  const folder = stackFolder(({ resource }) => {
    delete resource.aws_sqs_queue_policy;
  });
  expect(await refusal("--stack-folder", folder)).toContain("aws_sns_topic_subscription.sqs: no aws_sqs_queue_policy");
});

test("names a port that is in use", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = String((server.address() as AddressInfo).port);
  expect(await refusal("--port", port)).toContain(`Port ${port} is in use.`);
  server.close();
});

test("names a --page-port that is in use, and chooses a free port by default", async () => {
  const server = createServer();
  const listening = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listening(0);
  const { port } = server.address() as AddressInfo;
  expect(await refusal("--page-port", String(port))).toContain(`--page-port ${port} is in use.`);
  const run = await LocalRun.start("--port", String(port - 10));
  expect(run.ready.page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(Number(new URL(String(run.ready.page)).port)).not.toBe(port);
  await run.stop();
  server.close();
});

test("serves no page without the output dlq_url, and lists the alarms' email subscription as not run", async () => {
  const stage = stageWith({ alarmEmail: "ops@example.com", kmsKey: "create", tracing: true });
  const folder = stackFolder(({ output }) => {
    delete output?.dlq_url;
  }, stage);
  const run = await LocalRun.start("--stack-folder", folder);
  expect(run.ready).not.toHaveProperty("page");
  await run.waitFor(({ kind, message }) => kind === "note" && String(message).includes("dlq_url"));
  expect(run.ready.notRun).toContain("aws_sns_topic_subscription.alarms");
  expect(run.ready.notRun).not.toContain("aws_sns_topic_subscription.sqs");
  expect(await run.stop()).toBe(0);
});

test("rejects an invalid name with a one-line error", async () => {
  expect(await refusal("--name", "Not_A_Name")).toContain("Not_A_Name");
});

test("names the command that synthesizes when the stack is missing", async () => {
  expect(await refusal("--stack-folder", "/nonexistent")).toContain("npm run synth");
});

test.each([
  [["--port", "70000"], 'Invalid --port "70000": expected a whole number from 0 to 65,535.'],
  [["--retry-delay", "soon"], 'Invalid --retry-delay "soon"'],
  [["--archive-interval", "-1"], "--archive-interval"],
  [["--page-port", "http"], 'Invalid --page-port "http"'],
  [["--bogus"], "--bogus"],
])("rejects the options %p", (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
  expect(() => parseOptions(args)).toThrow(LocalRunError);
});

test("--no-page and --once turn the page off", () => {
  expect([parseOptions([]).page, parseOptions(["--no-page"]).page, parseOptions(["--once"]).page]).toEqual([
    true,
    false,
    false,
  ]);
});

test("rejects a data folder that is not writable", async () => {
  expect(await refusal("--data-dir", "/dev/null/data")).toMatch(
    /^(--data-dir needs Node\.js 22\.13|Cannot write to the folder "\/dev\/null\/data")/,
  );
});

test("--help explains every option", () => {
  const { stdout, status } = spawnSync(process.execPath, ["dist/local/main.mjs", "--help"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, HELP]);
  for (const option of Object.keys(OPTIONS)) expect(HELP).toContain(`  --${option}`);
});
