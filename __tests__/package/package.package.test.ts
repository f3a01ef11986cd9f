import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { at, type Synthesized } from "@event-pipeline/testing/synthesized";

const { devDependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

/** The lowest version of each peer that the package allows; the project itself uses newer ones. */
const LOWEST_PEERS = Object.fromEntries(
  Object.entries(peerDependencies).map(([name, range]) => [name, /\d+\.\d+\.\d+/.exec(range)?.[0]]),
);

/** A user's program, as in the docs. */
const MAIN = `
import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import { EventPipeline, type EventPipelineProps, handlerBundle, InvalidOptionsError } from "@event-pipeline/cdktf";

const region = "eu-central-1";
const app = new App();
const stack = new TerraformStack(app, "stack");
new AwsProvider(stack, "aws", { region });
new ArchiveProvider(stack, "archive");
new EventPipeline(stack, "orders", { name: "orders", region });
const options: EventPipelineProps = { name: "bills", region, kmsKey: "create", eventIdIndex: true, batchSize: 7 };
const bills = new EventPipeline(stack, "bills", options);
bills.addQueueSubscriber("alerts", {
  handlerPath: handlerBundle("alert-log"),
  filterPolicy: { severity: ["high"] },
  statements: [bills.table.writeStatement()],
});
try {
  new EventPipeline(stack, "wrong", { name: "wrong", region, batchSize: 0 });
} catch (error) {
  if (!(error instanceof InvalidOptionsError)) throw error;
  console.log(error.message);
}
app.synth();
`;

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    module: "node16",
    strict: true,
    exactOptionalPropertyTypes: true,
    outDir: "out",
    rootDir: ".",
    // The types of the package must be valid; those of CDKTF are.
    skipLibCheck: false,
    types: ["node"],
  },
  files: ["main.ts"],
};

let root: string;
let project: string;

function run(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", CI: "1" },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

beforeAll(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "event-pipeline-package-"));
  project = join(mkdtempSync(join(root, "an empty ")), "project");
  run(process.cwd(), "npm", "pack", "--silent", "--pack-destination", root);
  const tarball = readdirSync(root).find((file) => file.endsWith(".tgz")) as string;
  mkdirSync(project);
  const dependencies = { ...LOWEST_PEERS, "@types/node": devDependencies["@types/node"] };
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: { ...dependencies, "@event-pipeline/cdktf": `file:${join(root, tarball)}` },
    }),
  );
  writeFileSync(join(project, "main.ts"), MAIN);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(TSCONFIG));
  run(project, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund");
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("each folder of bundles has the notices of the packages in it", () => {
  const dist = join(project, "node_modules/@event-pipeline/cdktf/dist");
  const withNotices = ["cli", "console", ...readdirSync(join(dist, "lambda")).map((name) => `lambda/${name}`)];
  for (const folder of withNotices) expect(readdirSync(join(dist, folder))).toContain("THIRD-PARTY-NOTICES");
  // This bundle contains no package.
  expect(readdirSync(join(dist, "package"))).toEqual(["index.js"]);
});

test("an empty project synthesizes two pipelines with the package", () => {
  run(project, process.execPath, resolve("node_modules/typescript/bin/tsc"), "-p", ".");
  expect(run(project, process.execPath, "out/main.js")).toContain("batchSize 0");

  const folder = join(project, "cdktf.out/stacks/stack");
  const text = readFileSync(join(folder, "cdk.tf.json"), "utf8");
  const stack = JSON.parse(text) as Synthesized;
  expect(at(stack, "aws_sns_topic.orders_events").name).toBe("orders-events");
  expect(at(stack, "aws_lambda_event_source_mapping.bills_event_processor").batch_size).toBe(7);
  expect(at(stack, "aws_dynamodb_table.bills_events").global_secondary_index).toHaveLength(1);
  expect(at(stack, "aws_sns_topic_subscription.bills_alerts").filter_policy).toBe('{"severity":["high"]}');

  for (const archive of ["orders_event_processor", "bills_event_processor", "bills_alerts_processor"]) {
    const { source_dir } = at(stack, `data.archive_file.${archive}`);
    expect(existsSync(join(folder, String(source_dir), "index.mjs"))).toBe(true);
  }
  // The first AWS provider that knows the functions' runtime.
  expect(stack.terraform).toMatchObject({ required_providers: { aws: { version: "6.19.0" } } });
  // Except for the state, whose path CDKTF creates.
  const { terraform, ...blocks } = stack;
  expect(JSON.stringify(blocks)).not.toContain(root);
});

test("the package contains what its users need, and nothing that only a clone needs", () => {
  const installed = join(project, "node_modules/@event-pipeline/cdktf");
  expect(readdirSync(installed).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json", "packages"]);
  expect(readdirSync(join(installed, "dist")).sort()).toEqual(["cli", "console", "lambda", "package", "types"]);
  expect(existsSync(join(project, "node_modules/@aws-sdk"))).toBe(false);
});

test("it contains the command event-pipeline", () => {
  expect(run(project, "npx", "--no-install", "event-pipeline", "--help")).toContain("Usage: event-pipeline");
});
