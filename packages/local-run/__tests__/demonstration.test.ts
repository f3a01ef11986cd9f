import { resolve } from "node:path";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { at, stageWith } from "@event-pipeline/testing/synthesized";

test("succeeds although another subscriber dead-letters everything", async () => {
  const stage = stageWith({}, { alerts: { handler: "alert-log" } });
  const folder = stackFolder((stack) => {
    at(stack, "data.archive_file.alerts_processor").source_dir = resolve(
      "packages/testing/fixtures/batch-item-failures-handler",
    );
  }, stage);
  const run = LocalRun.spawn("--stack-folder", folder, "--retry-delay", "0");
  const verdict = await run.waitFor(({ kind }) => kind === "verdict");
  expect(verdict).toMatchObject({ ok: true, problems: [] });

  const published = run.hops("published").map(({ messageId }) => messageId);
  const deadLettered = () =>
    new Set(run.hops("dead-lettered").map(({ messageId, detail }) => `${messageId} ${detail.queue}`));
  await run.until(() => deadLettered().size > published.length);
  const poison = published.at(-1);
  expect(deadLettered()).toEqual(
    new Set([...published.map((id) => `${id} local-alerts-dlq`), `${poison} local-events-dlq`]),
  );
  expect(await run.stop()).toBe(0);
});

test("reports each event that the event processor fails", async () => {
  const folder = stackFolder((stack) => {
    at(stack, "data.archive_file.event_processor").source_dir = resolve(
      "packages/testing/fixtures/batch-item-failures-handler",
    );
  });
  const run = LocalRun.spawn("--once", "--stack-folder", folder, "--retry-delay", "0");
  expect(await run.exited).toBe(1);
  const [a, b, c, poison] = run.hops("published").map(({ messageId }) => messageId);
  expect(run.lines.at(-1)).toMatchObject({
    kind: "verdict",
    problems: [
      ...[a, b, c].map((id) => `message ${id} was dead-lettered`),
      `the poison message ${poison} was retried, which cannot succeed`,
    ],
  });
});

test("reports filtered events with the subscription's address", async () => {
  const stage = stageWith({ filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" });
  const run = LocalRun.spawn("--once", "--stack-folder", stackFolder(undefined, stage));
  expect(await run.exited).toBe(1);
  const [, ...dropped] = run.hops("published").map(({ messageId }) => messageId);
  expect(run.lines.at(-1)).toMatchObject({
    kind: "verdict",
    problems: dropped.map((id) => `message ${id} was filtered out by aws_sns_topic_subscription.sqs`),
  });
});
