// Compares the quantities in docs/deploy.md with the JSON, and its totals with its prices.
import { readFileSync } from "node:fs";
import { METRICS } from "@event-pipeline/event-model/metrics";
import { type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { readContext } from "../../stacks/options/read-context";
import { readStage } from "../../stacks/options/read-stage";

const document = readFileSync("docs/deploy.md", "utf8").replace(/\n(?!\||\n)/g, " ");
const STAGES = ["dev", "prod"] as const;
const context = readContext("cdktf.json");
const stacks = STAGES.map((stage) => synthStack({ stage: readStage(context, { EVENT_PIPELINE_STAGE: stage }) }));

/** Five pollers that each send a request every 20 seconds, for 30 days. */
const RECEIVES_A_QUEUE = 5 * 3 * 60 * 24 * 30;

function count({ resource }: Synthesized, type: string): number {
  return Object.keys(resource[type] ?? {}).length;
}

function rowOf(what: string) {
  const row = new RegExp(
    `^\\| ${what} \\| ([\\d,]+) \\| ([\\d,]+) \\| \\$([\\d.]+) (each|a million) \\|(.*)$`,
    "m",
  ).exec(document);
  const [, dev = "", prod = "", price, unit, note = ""] = row ?? [];
  const quantities = [dev, prod].map((text) => Number(text.replaceAll(",", "")));
  return { quantities, price: Number(price) / (unit === "each" ? 1 : 1_000_000), note };
}

const ALARMS = rowOf("alarms");
const DASHBOARDS = rowOf("dashboards");
const RECEIVES = rowOf("receives from SQS");

test("docs/deploy.md states both stages' quantities", () => {
  const quantities = (type: string) => stacks.map((stack) => count(stack, type));
  expect(ALARMS.quantities).toEqual(quantities("aws_cloudwatch_metric_alarm"));
  expect(DASHBOARDS.quantities).toEqual(quantities("aws_cloudwatch_dashboard"));
  expect(rowOf("customer managed keys").quantities).toEqual(quantities("aws_kms_key"));
  expect(RECEIVES.quantities).toEqual(
    quantities("aws_lambda_event_source_mapping").map((queues) => queues * RECEIVES_A_QUEUE),
  );
});

test("docs/deploy.md states the quantities that options add", () => {
  expect(rowOf("customer managed keys").note).toContain(
    ` ${count(synthStack({ stage: stageWith({ kmsKey: "create" }) }), "aws_kms_key")} with \`kmsKey: create\``,
  );
  expect(rowOf("custom metrics").note).toContain(` ${Object.keys(METRICS).length} while events arrive`);
});

test("docs/deploy.md states each stage's total cost, with and without monitoring", () => {
  const sums = (rows: readonly ReturnType<typeof rowOf>[]) =>
    STAGES.map((_, stage) =>
      rows.reduce((sum, { quantities, price }) => sum + (quantities[stage] ?? Number.NaN) * price, 0).toFixed(2),
    );
  const [withMonitoring, without] = [sums([ALARMS, DASHBOARDS, RECEIVES]), sums([RECEIVES])];
  expect(document).toContain(`\`dev\` costs $${withMonitoring[0]} a month and \`prod\` $${withMonitoring[1]}.`);
  expect(document).toContain(`\`monitoring: false\` leaves $${without[0]} and $${without[1]}.`);
});

test("docs/deploy.md states the cost of the event processor's memory and the total cost of a million events", () => {
  const [, memory] = /^\| Lambda, 100,000 runs of 50 ms with (\d+) MiB \|/m.exec(document) ?? [];
  for (const { resource } of stacks)
    expect(resource.aws_lambda_function?.event_processor).toMatchObject({ memory_size: Number(memory) });
  const [, events = ""] = /### A million events(.*?)(?=## )/s.exec(document) ?? [];
  const prices = [...events.matchAll(/^\| [^|]+ \| \$([\d.]+) \|$/gm)].map(([, price]) => Number(price));
  expect(prices).toHaveLength(6);
  const sum = prices.reduce((total, price) => total + price, 0);
  expect(events).toContain(`A million events of 1 KB cost about $${sum.toFixed(0)},`);
});
