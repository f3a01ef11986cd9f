// Two cdktf commands that start at the same time in one clone, with a fake Terraform.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Child, type Finished } from "@event-pipeline/testing/child";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";

const PAIRS = Number(process.env.STAGE_PAIRS ?? 10);
const LIMIT_MS = 4 * 60_000;
const root = mkdtempSync(join(tmpdir(), "pairs-"));
const clone = join(root, "event pipeline");
const tools = join(root, "tools");

/**
 * A fake Terraform that logs its subcommand, folder, the state in cdk.tf.json and two environment variables. Its state
 * has no record of account and region yet. Only a data source is elsewhere, which does not belong to the pipeline.
 */
const TERRAFORM = `#!/bin/sh
state=$(sed -n 's/.*terraform\\.event-pipeline\\.\\(.*\\)\\.tfstate.*/\\1/p' cdk.tf.json 2>/dev/null)
printf '%s|%s|%s|%s|%s\\n' "$1" "$PWD" "$state" "$TF_VAR_name" "$CHECKPOINT_DISABLE" >>"$STAND_IN_LOG"
case "$1" in
  version) echo '{"terraform_version":"1.11.4"}' ;;
  -v) echo 'Terraform v1.11.4' ;;
  output) echo '{}' ;;
  plan) : >plan ;;
  show) echo '${JSON.stringify({
    resource_changes: [
      {
        address: "terraform_data.events_deployment",
        change: { actions: ["create"], after: { input: { account_id: "1", region: "here" } } },
      },
    ],
    prior_state: {
      values: {
        root_module: {
          resources: [
            { mode: "data", type: "aws_sqs_queue", address: "other", values: { arn: "arn:aws:sqs:there:2:other" } },
            { mode: "managed", type: "aws_sqs_queue", address: "own", values: { arn: "arn:aws:sqs:here:1:own" } },
            { mode: "managed", type: "aws_sqs_queue_policy", address: "policy", values: {} },
          ],
        },
      },
    },
  })}' ;;
esac
`;

interface Command {
  readonly stage: string;
  readonly args: readonly [string, ...string[]];
}

const STAGES = ["dev", "prod"] as const;
const SUBCOMMANDS = [["diff"], ["deploy", "--auto-approve"], ["destroy", "--auto-approve"]] as const;
const script = ([name, ...options]: readonly string[]): Command["args"] => [
  "npm",
  "run",
  String(name),
  "--",
  ...options,
];
const plain = (subcommand: readonly string[]): Command["args"] => ["npx", "cdktf", ...subcommand];
const WAYS = [
  [script, script],
  [script, plain],
  [plain, plain],
] as const;

/** Pairs with every combination of runners and subcommands. Every tenth pair is for one stage. */
const pairs = Array.from({ length: PAIRS }, (_, index) => {
  const ways = WAYS[index % WAYS.length] ?? WAYS[0];
  return [0, 1].map((side): Command => {
    const subcommand = SUBCOMMANDS[(index + side * Math.floor(index / 3)) % SUBCOMMANDS.length] ?? ["diff"];
    const stage = STAGES[index % 10 === 9 ? 0 : (index + side) % 2] ?? "dev";
    return { stage, args: (ways[side] ?? script)(subcommand) };
  }) as [Command, Command];
});

beforeAll(() => {
  copyInstalledProject(clone);
  mkdirSync(tools);
  writeFileSync(join(tools, "terraform"), TERRAFORM);
  chmodSync(join(tools, "terraform"), 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run({ stage, args: [command, ...args] }: Command, log: string): Promise<Finished> {
  const env = {
    ...process.env,
    // Prevents network requests. The npm scripts set it themselves.
    CHECKPOINT_DISABLE: command === "npx" ? "1" : undefined,
    PATH: [tools, process.env.PATH].join(delimiter),
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
    EVENT_PIPELINE_STAGE: stage,
    TF_VAR_name: `alice-${stage}`,
    STAND_IN_LOG: log,
  };
  return new Child(command, [...args, "--no-color"], { cwd: clone, env }).finished(LIMIT_MS);
}

const counts = { ran: 0, refused: 0 };
afterAll(() => console.error(`Of ${2 * PAIRS} commands ${counts.ran} ran, and ${counts.refused} were refused.`));

const titled = pairs.map(
  (pair, index) => [pair.map(({ stage, args }) => `${stage}: ${args.join(" ")}`).join(", "), pair, index] as const,
);
test.each(titled)("%s", async (_, pair, index) => {
  const logs = pair.map((_command, side) => join(root, `${index}-${side}.log`));
  const finished = await Promise.all(pair.map((command, side) => run(command, String(logs[side]))));
  for (const [side, { stage, args }] of pair.entries()) {
    const { code, stdout, stderr } = finished[side] as Finished;
    const told = readFileSync(String(logs[side]), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("|"))
      .filter(([subcommand]) => !["version", "-v"].includes(String(subcommand)));
    if (code === 0) {
      counts.ran += 1;
      const where = [join(clone, "cdktf.out", "stages", stage), stage, `alice-${stage}`, "1"];
      expect(told.map(([, ...what]) => what)).toEqual(told.map(() => where));
      expect(told.map(([subcommand]) => subcommand)).toContain("init");
    } else {
      counts.refused += 1;
      const other = pair[1 - side]?.stage;
      expect({ args, stdout, stderr, told }).toMatchObject({ args: expect.arrayContaining(["npx"]), told: [] });
      expect(stdout + stderr).toMatch(new RegExp(`A command for the stage ${other} \\(process \\d+\\) uses cdktf.out`));
      expect(other).not.toBe(stage);
    }
  }
});
