import { spawnSync } from "node:child_process";
import {
  cpSync,
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
import { ListSubscriptionsCommand, SetSubscriptionAttributesCommand, UntagResourceCommand } from "@aws-sdk/client-sns";
import { LOCAL_RUN_TAGS } from "@event-pipeline/event-model/local-run-tags";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { at, type Synthesized } from "@event-pipeline/testing/synthesized";

const { devDependencies, engines, peerDependencies, peerDependenciesMeta, version } = JSON.parse(
  readFileSync("package.json", "utf8"),
) as {
  devDependencies: Record<string, string>;
  engines: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
  version: string;
};

const README = readFileSync("stacks/README.md", "utf8");
const [, PROGRAM = ""] = /```ts\n(.*?)```/s.exec(README) ?? [];
const [, INSTALL = ""] = /^(npm install .+)$/m.exec(README) ?? [];

/** The last version of TypeScript in which `module: CommonJS` means `moduleResolution: node10`, without `exports`. */
const OLD_TYPESCRIPT = "5.9.3";
const OLD_TSC = "node_modules/typescript/bin/tsc";
const TSC = resolve("node_modules/typescript/bin/tsc");

/** A user's program that uses each export. */
const MAIN = `
import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, TerraformStack } from "cdktf";
import {
  EventPipeline,
  type EventPipelineProps,
  handlerBundle,
  InvalidOptionsError,
  MissingBundleError,
} from "@event-pipeline/cdktf";

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
try {
  handlerBundle("nope");
} catch (error) {
  if (!(error instanceof MissingBundleError)) throw error;
  console.log(error.message);
}
app.synth();
`;

const OPTIONS = {
  target: "ES2022",
  strict: true,
  exactOptionalPropertyTypes: true,
  rootDir: ".",
  skipLibCheck: true,
  types: ["node"],
};

/** The options that `cdktf init --template typescript` writes. */
const TEMPLATE = JSON.parse(
  readFileSync("node_modules/cdktf-cli/bundle/templates/typescript/tsconfig.json", "utf8"),
) as { compilerOptions: object };

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

/** Compiles a file of the project, and returns the folder with the output. */
function compile(file: string, compilerOptions: object, tsc = TSC): string {
  const outDir = mkdtempSync(join(project, "out-"));
  const config = `${outDir}.json`;
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...compilerOptions, outDir }, files: [file] }));
  run(project, process.execPath, tsc, "-p", config);
  return outDir;
}

beforeAll(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "event-pipeline-package-"));
  project = join(mkdtempSync(join(root, "an empty ")), "project");
  mkdirSync(project);
  run(process.cwd(), "npm", "run", "--silent", "package", "--", "--pack-destination", project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true }));
  writeFileSync(join(project, "main.ts"), MAIN);
  for (const name of ["readme.ts", "readme.cts"]) writeFileSync(join(project, name), PROGRAM);
  // Node.js needs the whole path in an ES module, because these packages have no exports.
  writeFileSync(join(project, "readme.mts"), PROGRAM.replaceAll('/lib/provider"', '/lib/provider/index.js"'));
  // The lowest version of each peer that the package allows; the project itself uses newer ones.
  const peers = INSTALL.replaceAll("@^", "@").split(" ").slice(1);
  const tools = [`typescript@${OLD_TYPESCRIPT}`, `@types/node@${devDependencies["@types/node"]}`];
  run(project, "npm", ...peers, ...tools, "--prefer-offline", "--no-audit", "--no-fund");
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("README.md installs this version, and the lowest version of each peer that synth needs", () => {
  const packages = INSTALL.split(" ").slice(2);
  expect(packages).toContain(`./event-pipeline-cdktf-${version}.tgz`);
  for (const [name, range] of Object.entries(peerDependencies)) {
    if (peerDependenciesMeta[name]?.optional) continue;
    expect(packages).toContain(`${name}@^${/\d+\.\d+\.\d+/.exec(range)?.[0]}`);
  }
});

test("README.md has no link to a file, because the package has none", () => {
  expect(README).not.toMatch(/\]\((?!https:)/);
});

test.each([
  ["the options of CDKTF's template", "readme.ts", TEMPLATE.compilerOptions, OLD_TSC],
  ["the options of CDKTF's template and the newest TypeScript", "readme.ts", TEMPLATE.compilerOptions, TSC],
  ["node16 in a CommonJS module", "readme.cts", { ...OPTIONS, module: "node16" }, OLD_TSC],
  ["node16 in an ES module", "readme.mts", { ...OPTIONS, module: "node16" }, OLD_TSC],
  ["nodenext in a CommonJS module", "readme.cts", { ...OPTIONS, module: "nodenext" }, TSC],
  ["nodenext in an ES module", "readme.mts", { ...OPTIONS, module: "nodenext" }, TSC],
  ["bundler", "readme.mts", { ...OPTIONS, module: "preserve", moduleResolution: "bundler" }, TSC],
])("README.md's program compiles with %s, and synthesizes", (_how, file, options, tsc) => {
  const outDir = compile(file, options, tsc);
  run(project, process.execPath, join(outDir, file.replace(/ts$/, "js")));
  const stack = JSON.parse(readFileSync(join(project, "cdktf.out/stacks/events/cdk.tf.json"), "utf8")) as Synthesized;
  expect(at(stack, "aws_sns_topic.orders_events").name).toBe("orders-events");
});

test("each folder of bundles has the notices of the packages in it", () => {
  const dist = join(project, "node_modules/@event-pipeline/cdktf/dist");
  const withNotices = ["cli", "console", ...readdirSync(join(dist, "lambda")).map((name) => `lambda/${name}`)];
  for (const folder of withNotices) expect(readdirSync(join(dist, folder))).toContain("THIRD-PARTY-NOTICES");
});

test("an empty project synthesizes two pipelines with the package", () => {
  // Checks the types of the package, too.
  const outDir = compile("main.ts", { ...OPTIONS, module: "node16", skipLibCheck: false });
  const printed = run(project, process.execPath, join(outDir, "main.js"));
  expect(printed).toContain("batchSize 0");
  expect(printed).toMatch(/"nope".* alert-log, event-processor\..* handlerPath /);
  expect(printed).not.toMatch(/lambda-src|npm run/);

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
  expect(readdirSync(installed).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
  // The bundles of the construct and of publishEvent contain no package, so they need no notices.
  expect(readdirSync(join(installed, "dist")).sort()).toEqual([
    "cli",
    "console",
    "index.js",
    "lambda",
    "publish.js",
    "types",
  ]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Record<string, unknown>;
  expect(manifest).toMatchObject({ engines, peerDependencies, peerDependenciesMeta });
  // A private package cannot be published, and nobody installs these from it.
  for (const key of ["private", "scripts", "devDependencies", "workspaces"]) expect(manifest).not.toHaveProperty(key);
  expect(existsSync(join(project, "node_modules/@aws-sdk"))).toBe(false);
});

test("it contains the command event-pipeline, and the page that the command serves", () => {
  expect(run(project, "npx", "--no-install", "event-pipeline", "--help")).toContain("Usage: event-pipeline");
  expect(existsSync(join(project, "node_modules/@event-pipeline/cdktf/dist/console/index.html"))).toBe(true);
});

describe("publishEvent with types that the command makes", () => {
  const RIGHT = '{ type: "finding.new", severity: "high", title: "Open port" }';
  const WRONG = ['{ type: "finding.new", severity: "hihg", title: "a" }', '{ type: "finding.new", severity: "low" }'];
  let publisher: string;

  const program = (...events: string[]) => `
import { publishEvent } from "@event-pipeline/cdktf/publish";
import type { EventTypes } from "./event-types";

const publish = publishEvent<EventTypes>;
const client = { send: async ({ input }: { input: unknown }) => { console.log(JSON.stringify(input)); return { MessageId: "m-1" }; } };
const options = { client: client as never, id: "e-1", attributes: { a: "b" } };
async function main(): Promise<void> {
${events.map((event) => `console.log(await publish("arn:aws:sns:us-east-1:1:t", ${event}, options));`).join("\n")}
}
main().catch(console.error);
`;

  beforeAll(() => {
    // A publisher does not need the peers of the construct.
    publisher = mkdtempSync(join(root, "publisher-"));
    writeFileSync(join(publisher, "package.json"), JSON.stringify({ private: true }));
    const tarball = join(project, `event-pipeline-cdktf-${version}.tgz`);
    const packages = [tarball, `@aws-sdk/client-sns@${devDependencies["@aws-sdk/client-sns"]}`];
    const tools = [`typescript@${OLD_TYPESCRIPT}`, `@types/node@${devDependencies["@types/node"]}`];
    const flags = ["--legacy-peer-deps", "--prefer-offline", "--no-audit", "--no-fund"];
    run(publisher, "npm", "install", ...packages, ...tools, ...flags);
    cpSync("events", join(publisher, "events"), { recursive: true });
    run(publisher, "npx", "--no-install", "event-pipeline", "contracts", "types", "--out", "event-types.ts");
    writeFileSync(join(publisher, "right.ts"), program(RIGHT));
    writeFileSync(join(publisher, "right.mts"), program(RIGHT).replace("./event-types", "./event-types.js"));
    writeFileSync(join(publisher, "wrong.ts"), program(RIGHT, ...WRONG));
  });

  const errorsIn = (file: string, compilerOptions: object, tsc: string): string[] => {
    const config = join(publisher, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...compilerOptions, outDir: "out" }, files: [file] }));
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", config], { cwd: publisher, encoding: "utf8" });
    return stdout.split("\n").filter((line) => /error TS/.test(line));
  };

  test.each([
    ["the options of CDKTF's template", "right.ts", TEMPLATE.compilerOptions, OLD_TSC],
    ["node16 in an ES module", "right.mts", { ...OPTIONS, module: "node16" }, OLD_TSC],
    ["bundler", "right.ts", { ...OPTIONS, module: "preserve", moduleResolution: "bundler" }, TSC],
  ])("an event compiles with %s, and is published", (_how, file, options, tsc) => {
    const compiler = tsc === OLD_TSC ? join(publisher, OLD_TSC) : tsc;
    expect(errorsIn(file, options, compiler)).toEqual([]);
    const printed = run(publisher, process.execPath, join("out", file.replace(/ts$/, "js")));
    const [input = "", messageId] = printed.trimEnd().split("\n");
    const { Message, ...others } = JSON.parse(input) as { Message: string };
    expect(JSON.parse(Message)).toEqual({ type: "finding.new", severity: "high", title: "Open port", id: "e-1" });
    const MessageAttributes = { a: { DataType: "String", StringValue: "b" } };
    expect([others, messageId]).toEqual([{ TopicArn: "arn:aws:sns:us-east-1:1:t", MessageAttributes }, "m-1"]);
  });

  test("an event that violates its contract is a type error", () => {
    const errors = errorsIn("wrong.ts", TEMPLATE.compilerOptions, join(publisher, OLD_TSC));
    const lines = program(RIGHT, ...WRONG).split("\n");
    const wrongLines = errors.map((error) => lines[Number(/^wrong\.ts\((\d+),/.exec(error)?.[1]) - 1]);
    expect(wrongLines).toEqual(WRONG.map((event) => expect.stringContaining(event)));
  });
});

describe("the command names nothing that only a clone has", () => {
  const ONLY_IN_A_CLONE = /npm run|lambda-src|tools\//;

  function printed(...args: string[]): string {
    const main = join(project, "node_modules/@event-pipeline/cdktf/dist/cli/main.mjs");
    const env = { PATH: process.env.PATH, AWS_CONFIG_FILE: "/dev/null", CDKTF_OUTDIR: "/nowhere" };
    const { stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: project, encoding: "utf8", env });
    return stdout + stderr;
  }

  /** Returns the help of a command and of each command below it. */
  function helpOf(...command: string[]): string[] {
    const help = printed(...command, "--help");
    const [, list = ""] = /^Commands:\n((?: .*\n|\n)*)/m.exec(help) ?? [];
    const names = [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].flatMap(([, name = "help"]) => (name === "help" ? [] : name));
    return [help, ...names.flatMap((name) => helpOf(...command, name))];
  }

  test("in any help", () => {
    const pages = helpOf();
    expect(pages.length).toBeGreaterThan(15);
    for (const page of pages) expect(page).not.toMatch(ONLY_IN_A_CLONE);
  });

  test("in the fixes of doctor and in errors", async () => {
    const local = await LocalRun.start();
    const at = ["--endpoint-url", local.ready.endpoint, "--region", "us-east-1"];
    const undeployed = printed("doctor", ...at, "--local", "--name", "other");
    const { Subscriptions = [] } = await local.clients.sns.send(new ListSubscriptionsCommand({}));
    const filtered = new SetSubscriptionAttributesCommand({
      SubscriptionArn: Subscriptions.find(({ Endpoint }) => Endpoint?.endsWith("-events-queue"))?.SubscriptionArn,
      AttributeName: "FilterPolicy",
      AttributeValue: '{"severity":["high"]}',
    });
    await local.clients.sns.send(filtered);
    const ResourceArn = local.output("topic_arn");
    // As a topic on AWS, which has no tags of a local run.
    await local.clients.sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: Object.values(LOCAL_RUN_TAGS) }));
    const unknown = printed("doctor", ...at, "--local");
    expect(unknown).toContain("npx cdktf synth");
    const nowhere = printed("doctor", ...at, "--local", "--stack-folder", "/nowhere");
    expect(nowhere).toContain("npx cdktf synth");
    const errors = [
      printed("status", "--local", "--endpoint-url", "http://127.0.0.1:9"),
      ...["publish", "doctor", "status", "nope"].map((name) => printed(name)),
    ];
    for (const text of [undeployed, unknown, nowhere, ...errors]) expect(text).not.toMatch(ONLY_IN_A_CLONE);
    expect(await local.stop()).toBe(0);
  });
});
