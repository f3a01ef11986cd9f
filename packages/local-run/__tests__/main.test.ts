import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { Publisher } from "@event-pipeline/testing/publisher";
import { at, stageWith } from "@event-pipeline/testing/synthesized";

async function refusal(...args: string[]): Promise<string> {
  const run = LocalRun.spawn(...args);
  expect(await run.exited).toBe(2);
  expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
  return run.stderr;
}

test("--once shows every way, checks it and ends with 0", async () => {
  const run = LocalRun.spawn("--once");
  expect(await run.exited).toBe(0);
  expect(run.lines.at(-1)).toMatchObject({ kind: "verdict", ok: true, problems: [] });
  expect(run.hops("stored")).toHaveLength(3);
  expect(run.hops("archived")).toHaveLength(4);
  expect(run.hops("dead-lettered")).toHaveLength(1);
});

test("Ctrl-C during the demonstration ends the run with 0", async () => {
  const run = LocalRun.spawn();
  await run.waitFor(({ kind }) => kind === "ready");
  run.child.kill("SIGINT"); // As npm does, which passes on what the terminal has sent already.
  expect(await run.stop("SIGINT")).toBe(0);
  expect(run.stderr).toBe("");
  expect(run.lines).toContainEqual({ kind: "note", message: expect.stringContaining("Stopping") });
});

test("Ctrl-C before the demonstration has shown that all arrives is no success of --once", async () => {
  const run = LocalRun.spawn("--once", "--archive-interval", "900");
  await run.waitFor(({ kind }) => kind === "ready");
  expect(await run.stop()).toBe(1);
  expect(run.stderr).toBe("");
});

test("a reader that has read enough ends the run, quietly", async () => {
  const run = LocalRun.spawn("--archive-interval", "900");
  await run.waitFor(({ kind }) => kind === "ready");
  run.child.stdout?.destroy();
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe("");
});

test("--help with nobody to read it says nothing else", () => {
  const { stderr, status } = spawnSync("sh", ["-c", '"$0" dist/local/main.mjs --help | true', process.execPath], {
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
});

test("output that cannot be written ends the run in one line", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "output-")), "log");
  // No file takes a byte: to whoever writes, that is a full disk.
  const run = LocalRun.spawnUnder(["sh", "-c", 'ulimit -f 0; exec "$@" >"$0"', file]);
  expect(await run.exited).toBe(1);
  expect(run.stderr).toMatch(/^Cannot write to standard output: EFBIG: .*\.\n$/);
});

test("an expression that cannot be evaluated ends the run in one line, wherever it stands", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "aws_lambda_event_source_mapping.event_processor").event_source_arn = "${aws_sqs_queue.nobody.arn}";
  });
  expect(await refusal("--stack-folder", folder)).toContain("aws_sqs_queue.nobody.arn");
});

test("SIGTERM under a flood ends the run within five seconds", async () => {
  const run = await LocalRun.start();
  const publishers = ["a", "b", "c", "d"].map(
    (name) => new Publisher(name, run.ready.endpoint, run.output("topic_arn")),
  );
  try {
    await run.until(() => run.hops("stored").length > 200);
    const start = performance.now();
    expect(await run.stop("SIGTERM")).toBe(0);
    expect(performance.now() - start).toBeLessThan(5_000);
  } finally {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
  }
});

test("without the queue's subscription events reach the archive only", async () => {
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

test("an alarm's e-mail subscription is listed as not run", async () => {
  const stage = stageWith({ alarmEmail: "ops@example.com", kmsKey: "create", tracing: true });
  const run = await LocalRun.start("--stack-folder", stackFolder(undefined, stage));
  expect(run.ready.notRun).toContain("aws_sns_topic_subscription.alarms");
  expect(run.ready.notRun).not.toContain("aws_sns_topic_subscription.sqs");
  expect(await run.stop()).toBe(0);
});

test("a handler that cannot be loaded is named with the reason", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "aws_lambda_function.event_processor").environment = { variables: {} };
  });
  expect(await refusal("--stack-folder", folder)).toMatch(
    /^The handler of local-event-processor cannot be loaded: .*TABLE_NAME/,
  );
});

test("a queue that SNS may not send to is refused, as AWS would drop its events", async () => {
  const folder = stackFolder(({ resource }) => {
    delete resource.aws_sqs_queue_policy;
  });
  expect(await refusal("--stack-folder", folder)).toContain("aws_sns_topic_subscription.sqs: no aws_sqs_queue_policy");
});

test("a taken port is named, with what to do", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = String((server.address() as AddressInfo).port);
  expect(await refusal("--port", port)).toContain(`Port ${port} is taken.`);
  server.close();
});

test("the page's own port is named when it is taken, and the usual one gives way", async () => {
  const server = createServer();
  const listening = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listening(0);
  const { port } = server.address() as AddressInfo;
  expect(await refusal("--page-port", String(port))).toContain(`--page-port is ${port}, which is taken.`);
  // Ten above the run's.
  const run = await LocalRun.start("--port", String(port - 10));
  expect(run.ready.page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(Number(new URL(String(run.ready.page)).port)).not.toBe(port);
  await run.stop();
  server.close();
});

test("a stack whose outputs name no dead-letter queue runs without a page, and says so", async () => {
  const folder = stackFolder(({ output }) => {
    delete output?.dlq_url;
  });
  const run = await LocalRun.start("--stack-folder", folder);
  expect(run.ready).not.toHaveProperty("page");
  await run.waitFor(({ kind, message }) => kind === "note" && String(message).includes("dlq_url"));
  expect(await run.stop()).toBe(0);
});

test("--no-page and --once serve no page", async () => {
  const run = await LocalRun.start("--no-page");
  expect(run.ready).not.toHaveProperty("page");
  await run.stop();
  const once = LocalRun.spawn("--once");
  expect(await once.exited).toBe(0);
  expect(once.ready).not.toHaveProperty("page");
});

test.each([
  [["--name", "Not_A_Name"], '--name is "Not_A_Name"'],
  [["--port", "70000"], '--port is "70000". It takes a whole number from 0 to 65535.'],
  [["--retry-delay", "soon"], '--retry-delay is "soon"'],
  [["--archive-interval", "-1"], "--archive-interval"],
  [["--page-port", "http"], '--page-port is "http"'],
  [["--bogus"], "--bogus"],
  [["--stack-folder", "/nonexistent"], "npm run synth"],
])("%p is refused in one line", async (args, message) => {
  expect(await refusal(...args)).toContain(message);
});

test("an unwritable data folder is refused", async () => {
  expect(await refusal("--data-dir", "/dev/null/data")).toMatch(
    /^--data-dir (needs Node\.js 22\.13|is "\/dev\/null\/data")/,
  );
});

test("--help explains every option", () => {
  const { stdout, status } = spawnSync(process.execPath, ["dist/local/main.mjs", "--help"], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  for (const option of [
    "--once",
    "--json",
    "--verbose",
    "--port",
    "--no-page",
    "--page-port",
    "--name",
    "--data-dir",
    "--retry-delay",
    "--archive-interval",
  ]) {
    expect(stdout).toContain(option);
  }
});
