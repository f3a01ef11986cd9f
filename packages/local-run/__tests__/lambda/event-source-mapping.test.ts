import { resolve } from "node:path";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Hop } from "@event-pipeline/event-model/hop";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { at } from "@event-pipeline/testing/synthesized";

let run: LocalRun;
const folder = stackFolder((stack) => {
  at(stack, "data.archive_file.event_processor").source_dir = resolve("packages/testing/fixtures/faulty-handler");
  Object.assign(at(stack, "aws_lambda_function.event_processor"), { timeout: 1, memory_size: 128 });
});

beforeAll(async () => {
  // The tests count attempts.
  run = await LocalRun.start("--delivery", "ordered", "--stack-folder", folder, "--retry-delay", "0");
});

test("finishes the current invocation after Ctrl-C", async () => {
  const other = await LocalRun.start("--stack-folder", folder);
  const command = new PublishCommand({ TopicArn: other.output("topic_arn"), Message: '{"fault":"slow"}' });
  const { MessageId } = await other.clients.sns.send(command);
  await other.waitForHop(String(MessageId), "queued");
  expect(await other.interrupt()).toBe(0);
  expect(other.hopsOf(String(MessageId)).map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["processed", "archived"]),
  );
  expect(other.hops("failed")).toEqual([]);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function publish(event: object): Promise<string> {
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: JSON.stringify(event) });
  return String((await run.clients.sns.send(command)).MessageId);
}

async function attemptsOf(messageId: string): Promise<Hop[]> {
  await run.waitForHop(messageId, "processed");
  return run.hopsOf(messageId).filter(({ kind }) => kind === "failed");
}

test("retries in a new process after a crash", async () => {
  const failed = await attemptsOf(await publish({ fault: "exit", until: 1 }));
  expect(failed.map(({ detail }) => detail.reason)).toEqual(["Runtime exited with error: exit status 7"]);
});

test("kills a handler at its timeout", async () => {
  const failed = await attemptsOf(await publish({ fault: "hang", until: 1 }));
  expect(failed.map(({ detail }) => detail.reason)).toEqual(["Task timed out after 1.00 seconds"]);
});

test("fails the batch with the error that a handler throws", async () => {
  const failed = await attemptsOf(await publish({ fault: "throw", until: 2 }));
  expect(failed.map(({ detail }) => detail.reason)).toEqual(Array(2).fill("TypeError: asked to throw"));
});

test("ends only the process of a handler that runs out of memory", async () => {
  const failed = await attemptsOf(await publish({ fault: "memory", until: 1 }));
  expect(failed.map(({ detail }) => detail.reason)).toEqual([
    expect.stringMatching(/SIGABRT|exit status 134|timed out/),
  ]);
});

test("dead-letters a message after three failed attempts", async () => {
  const id = await publish({ fault: "throw" });
  await run.waitForHop(id, "dead-lettered");
  expect(run.hopsOf(id).filter(({ kind }) => kind === "failed")).toHaveLength(3);
});
