import { readFileSync } from "node:fs";
import { at, stageWith, synthStack } from "@event-pipeline/testing/synthesized";

/** Every alarm: with a filter of each scope, a subscriber and the index. */
const attributes = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageAttributes" as const };
const body = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
const stack = synthStack({
  stage: stageWith({ ...attributes, eventIdIndex: true }, { alerts: { handler: "alert-log", ...body } }),
});
const alarms = Object.keys(stack.resource.aws_cloudwatch_metric_alarm ?? {}).map((id) => {
  const { alarm_name, alarm_description } = at(stack, `aws_cloudwatch_metric_alarm.${id}`);
  const name = String(alarm_name).replace("${var.name}-events-", "");
  const [, command] =
    /First run: npx (event-pipeline .+?) --name \$\{var\.name\}/.exec(String(alarm_description)) ?? [];
  return { name, command };
});

/** The first command of each row of the runbook, by alarm. */
const rows = new Map(
  [
    ...readFileSync("docs/operations.md", "utf8").matchAll(
      /^\| `([\w{}-]+)` \| .*?\| `npx (event-pipeline [^`]+)` \|/gm,
    ),
  ].map(([, name = "", command = ""]) => [name, command]),
);

/** Replaces a consumer's id by `{id}`, as the runbook does. */
const general = (text = "") =>
  text
    .replace(/^(events|alerts)-(?=dlq|oldest|in-flight|function)/, "{id}-")
    .replace(/--queue alerts$/, "--queue {id}");

test.each(alarms)("$name: the runbook begins with the command of its description", ({ name, command }) => {
  expect(command).toBeDefined();
  // Without a queue, the command means the event processor's.
  const isProcessors = name === "events-dlq-not-empty";
  expect(rows.get(general(name))).toBe(isProcessors ? `${command} --queue {id}` : general(command));
});

test("the runbook in docs/operations.md has a row for each alarm, and no other row", () => {
  expect([...rows.keys()].sort()).toEqual([...new Set(alarms.map(({ name }) => general(name)))].sort());
});
