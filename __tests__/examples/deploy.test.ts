import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { parse } from "yaml";
import { scripts } from "../../package.json";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const workflow = parse(readFileSync("examples/deploy.yml", "utf8"), { strict: true, uniqueKeys: true }) as {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<"test" | "plan" | "apply", Job>>;
};
const { test: tested, plan, apply } = workflow.jobs;
const commandsOf = ({ steps }: Job) => steps.flatMap(({ run }) => run ?? []);

/** Values of the repository's variables. */
const VARIABLES: Readonly<Record<string, string>> = {
  EVENT_PIPELINE_NAME: "alice-prod",
  EVENT_PIPELINE_REGION: "eu-central-1",
  EVENT_PIPELINE_STATE_BUCKET: "alice-state",
  EVENT_PIPELINE_ALLOWED_ACCOUNT_IDS: "123456789012",
};

describe("the example workflow", () => {
  test.each(Object.values(workflow.jobs).flatMap(commandsOf))("%s is a command of this project", (command) => {
    if (command.startsWith("npx event-pipeline ")) {
      // .ci/workflow.mjs runs it.
      expect(command).toMatch(/^npx event-pipeline contracts check --against \S+$/);
      return;
    }
    const [, script = "", options = ""] = /^npm (?:run )?(\S+)(?: -- (.+))?$/.exec(command) ?? [];
    expect(["ci", ...Object.keys(scripts)]).toContain(script);
    if (options === "") return;
    const [cdktf, subcommand] = String(scripts[script as keyof typeof scripts])
      .split(" ")
      .slice(-2);
    expect(cdktf).toBe("cdktf");
    const help = execFileSync("npx", ["cdktf", String(subcommand), "--help"], { encoding: "utf8" });
    for (const option of options.split(" ")) expect(help).toContain(`  ${option} `);
  });

  test("only plans on a pull request, and applies on main only", () => {
    expect(Object.keys(workflow.on).sort()).toEqual(["pull_request", "push"]);
    expect(commandsOf(plan)).toEqual([
      "npm ci",
      expect.stringContaining("contracts check"),
      expect.stringMatching(/^npm run diff\b/),
    ]);
    expect(plan.if).toMatch(/^github\.event_name == 'pull_request' && .*head\.repo\.full_name == github\.repository$/);
    expect(commandsOf(apply)).toEqual(["npm ci", expect.stringMatching(/^npm run deploy -- --auto-approve\b/)]);
    expect(apply.if).toBe("github.event_name == 'push' && github.ref == 'refs/heads/main'");
    expect(apply.environment).toBe("production");
  });

  test("requests AWS tokens only where it needs them, and stores no keys", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(tested.permissions).toBeUndefined();
    for (const job of [plan, apply]) expect(job.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(readFileSync("examples/deploy.yml", "utf8")).not.toMatch(/secrets\.|AWS_(ACCESS|SECRET)/);
  });

  test("installs before it has credentials", () => {
    for (const { steps } of [plan, apply]) {
      const names = steps.map(({ uses = "", run = "" }) => uses.replace(/@.*/, "") || run);
      expect(names.indexOf("npm ci")).toBeLessThan(names.indexOf("aws-actions/configure-aws-credentials"));
    }
  });

  test("uses supported versions", () => {
    const uses = Object.values(workflow.jobs).flatMap(({ steps }) => steps);
    for (const step of uses.filter(({ uses = "" }) => uses.startsWith("actions/setup-node"))) {
      expect(step.with).toMatchObject({ "node-version": 24 });
    }
    for (const { uses: action = "" } of uses.filter((step) => step.uses))
      expect(action).toMatch(/@(v\d+|[0-9a-f]{40})$/);
  });

  test("sets existing options: the stage prod synthesizes with its variables", () => {
    const root = mkdtempSync(join(tmpdir(), "event-pipeline-workflow-"));
    try {
      copyInstalledProject(root);
      const env = Object.entries(workflow.env).map(([name, value]) => [
        name,
        value.replace(/^\$\{\{ vars\.(\w+) \}\}$/, (_, variable: string) => String(VARIABLES[variable])),
      ]);
      const { status, stderr } = spawnSync("npm", ["run", "--silent", "synth"], {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, ...Object.fromEntries(env) },
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const { terraform, provider } = JSON.parse(readFileSync(join(root, "cdktf.out/stages/prod/cdk.tf.json"), "utf8"));
      expect(terraform.backend.s3).toMatchObject({ bucket: "alice-state", key: expect.stringContaining("alice-prod") });
      expect(provider.aws).toMatchObject([{ region: "eu-central-1", allowed_account_ids: ["123456789012"] }]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
