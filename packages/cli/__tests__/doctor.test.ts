import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ListSubscriptionsCommand, TagResourceCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { LOCAL_RUN_TAGS } from "@event-pipeline/event-model/local-run-tags";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { shellWord } from "@event-pipeline/operations/shell-word";
import { type DriftTarget, documentedDrifts, runDoctor, seenByDoctor } from "@event-pipeline/testing/drifts";
import { FaultyProxy, type ProxyFault } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import {
  CliProcess,
  type CommandResult,
  records,
  runCli,
  runCliOn,
  runCliProcess,
} from "@event-pipeline/testing/run-cli";
import { stageWith } from "@event-pipeline/testing/synthesized";

let run: LocalRun;
let target: DriftTarget;

beforeAll(async () => {
  const folder = stackFolder();
  run = await LocalRun.start("--stack-folder", folder);
  target = { endpoint: run.ready.endpoint, name: "local", account: "000000000000", folder };
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

/** Runs doctor behind a proxy that rejects some requests. */
async function doctorBehind(fault: ProxyFault): Promise<CommandResult> {
  const proxy = await FaultyProxy.open(fault, run.ready.endpoint);
  const ran = await runDoctor({ ...target, doctorEndpoint: proxy.endpoint });
  await proxy.close();
  return ran;
}

const findingsIn = (ran: CommandResult) =>
  records(ran)
    .flatMap((record) => record.findings ?? [])
    .filter(({ what }) => what !== "not emulated");
const denied = new AwsError("AccessDeniedException", "Access Denied", 403);
const expired = new AwsError("ExpiredToken", "The security token included in the request is expired", 403);

describe("drifts", () => {
  test("an event passes every hop of a new local run, and what the local run lacks is named", async () => {
    const ran = await runDoctor(target);
    expect([ran.code, findingsIn(ran)]).toEqual([0, []]);
    expect(ran.stderr).toMatch(/Not available at http:\S+: .*CloudWatch DescribeAlarms/);
  });

  test.each(documentedDrifts().filter(({ isLocal }) => isLocal))(
    "doctor sees that $drift",
    async ({ drift, hop, exitCode }) => {
      const seen = await seenByDoctor(drift, target);
      expect(seen).toEqual({ code: exitCode, hops: expect.arrayContaining([hop]) });
    },
  );

  test("an event passes again once all changes are undone", async () => {
    const ran = await runDoctor(target);
    expect([ran.code, findingsIn(ran)]).toEqual([0, []]);
  });
});

test("every denied request makes its hop unknown, and is named", async () => {
  const ran = await doctorBehind(({ action }) => (action === "GetCallerIdentity" ? undefined : denied));
  expect(ran.code).toBe(3);
  const hops = records(ran).filter(({ kind }) => kind === "resource");
  expect(hops.map(({ state }) => state)).toEqual(hops.map(() => "not known"));
  for (const { message, fix } of findingsIn(ran)) {
    expect(message).toMatch(/^The credentials do not allow [A-Z]\w+ [A-Z]\w+/);
    expect(fix).toContain("docs/permissions.md");
  }
});

test("a denied HeadBucket, whose response has no body, is not known", async () => {
  const ran = await doctorBehind(({ request }) => (request.method === "HEAD" ? { status: 403, body: "" } : undefined));
  expect([ran.code, findingsIn(ran)]).toEqual([
    3,
    [expect.objectContaining({ what: "unknown", message: expect.stringContaining("HeadBucket") })],
  ]);
});

test.each([
  // Emulators may lack the keys of AWS.
  ["alias/aws/dynamodb", 0, "not emulated"],
  ["alias/no-such-key", 1, "broken"],
])("the table's missing key %s ends with %d: %s", async (alias, code, state) => {
  const KMSMasterKeyArn = `arn:aws:kms:us-east-1:000000000000:${alias}`;
  const KeySchema = [
    { AttributeName: "event_type", KeyType: "HASH" },
    { AttributeName: "timestamp_id", KeyType: "RANGE" },
  ];
  const body = JSON.stringify({ Table: { TableStatus: "ACTIVE", KeySchema, SSEDescription: { KMSMasterKeyArn } } });
  const ran = await doctorBehind(({ action }) => (action === "DescribeTable" ? { status: 200, body } : undefined));
  expect(ran.code).toBe(code);
  expect(records(ran).find(({ hop }) => hop === "table")).toMatchObject({ state });
});

test("ends with 4 when the credentials expire, after the hops that it has seen", async () => {
  let count = 0;
  const ran = await doctorBehind(({ action }) => {
    count += action === "GetQueueUrl" ? 1 : 0;
    return count > 1 ? expired : undefined;
  });
  expect(ran.code).toBe(4);
  expect(ran.stderr).toMatch(/^Hops: \d+ passes.*have expired.*not examined/s);
  expect(records(ran).at(-1)).toMatchObject({ kind: "total", wrong: 0, missing: 0 });
});

test("exits with 4 without credentials", async () => {
  const ran = await runCliProcess(["doctor", "--name", "alice", "--region", "us-east-1"]);
  expect([ran.code, ran.stdout]).toEqual([4, ""]);
  expect(ran.stderr).toContain("--profile");
});

test("reports a wrong region, a missing folder and the folder of another pipeline", async () => {
  const elsewhere = stackFolder((stack) => Object.assign(stack.provider.aws?.[0] ?? {}, { region: "eu-west-1" }));
  const region = await runCliOn(run, ["doctor", "--stack-folder", elsewhere]);
  expect([region.code, region.stdout]).toEqual([1, expect.stringContaining("Give --region eu-west-1.")]);
  const nowhere = await runCliOn(run, ["doctor", "--stack-folder", "/nowhere"]);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining("/nowhere/cdk.tf.json")]);
  const foreign = stackFolder(({ resource }) => Object.assign(resource.aws_sns_topic?.events ?? {}, { name: "bob" }));
  const other = await runCliOn(run, ["doctor", "--stack-folder", foreign]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("local-events")]);
});

test("a pipeline that is not deployed is broken at every hop that the local run has", async () => {
  const ran = await runDoctor({ ...target, name: "other" });
  const states = records(ran).flatMap(({ state }) => state ?? []);
  expect([ran.code, states.includes("passes")]).toEqual([1, false]);
});

test("every command in a fix is for the endpoint, region and profile that doctor used", async () => {
  const config = join(mkdtempSync(join(tmpdir(), "profile-")), "config");
  writeFileSync(config, "[profile ops]\naws_access_key_id = a\naws_secret_access_key = b\n");
  const { endpoint } = run.ready;
  const options = [
    "--endpoint-url",
    endpoint,
    "--region",
    "us-east-1",
    "--profile",
    "ops",
    "--name",
    "other",
    "--json",
  ];
  const ran = await runCliProcess(["doctor", ...options], {
    environment: { AWS_CONFIG_FILE: config, CDKTF_OUTDIR: "/nowhere" },
  });
  const fixes = findingsIn(ran).map(({ fix }) => fix);
  const deploys = fixes.filter((fix) => fix.includes("npm run deploy"));
  expect(deploys.length).toBeGreaterThan(5);
  for (const fix of deploys) {
    expect(fix).toContain(
      `AWS_ENDPOINT_URL=${endpoint} AWS_PROFILE=ops AWS_REGION=us-east-1 TF_VAR_name=other npm run deploy`,
    );
  }
  const aws = `aws --endpoint-url ${endpoint} --region us-east-1 --profile ops `;
  for (const fix of fixes) expect(fix.replaceAll(aws, "")).not.toMatch(/\baws /);
});

test("without a synthesized stack, follows the names, and a filter is not known", async () => {
  const proxy = await FaultyProxy.open(
    ({ action }) => (action === "ListTagsForResource" ? denied : undefined),
    run.ready.endpoint,
  );
  const environment = { AWS_ENDPOINT_URL: proxy.endpoint, CDKTF_OUTDIR: "/nowhere" };
  const { code, stdout } = await runCliProcess(["doctor"], { environment });
  await proxy.close();
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^stack +not found.*^✓ queue policy +local-events-q/ms)]);
});

test("compares each local run with its own stack, and its fix starts that run again", async () => {
  const filtered = stackFolder(
    undefined,
    stageWith({}, { alerts: { handler: "alert-log", filterPolicy: { severity: ["high"] } } }),
  );
  const other = await LocalRun.start("--stack-folder", filtered, "--name", "bob");
  // What was synthesized last does not matter.
  const environment = { CDKTF_OUTDIR: "/nowhere" };
  const doctorOn = async ({ ready }: LocalRun, ...options: string[]) =>
    runCliProcess(["doctor", "--json", "--local", "--endpoint-url", ready.endpoint, ...options], { environment });
  for (const [local, folder, options] of [
    [run, target.folder, []],
    [other, filtered, ["--name", "bob"]],
  ] as const) {
    const ran = await doctorOn(local, ...options);
    expect([ran.code, records(ran)[0]?.stack]).toEqual([0, join(folder, "cdk.tf.json")]);
  }
  const { Subscriptions = [] } = await other.clients.sns.send(new ListSubscriptionsCommand({}));
  const alerts = Subscriptions.find(({ Endpoint }) => Endpoint?.includes("alerts"));
  await other.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn: alerts?.SubscriptionArn }));
  const ran = await doctorOn(other, "--name", "bob");
  const [{ fix } = { fix: "" }] = findingsIn(ran);
  expect([ran.code, fix]).toEqual([1, expect.stringMatching(/^Stop the local run, .*\nnpm start -- .*--name bob$/m)]);
  expect(fix).toContain(`--stack-folder ${shellWord(filtered)} `);
  expect(ran.stdout).not.toContain("npm run deploy");
  expect(await other.stop()).toBe(0);
}, 90_000);

/** Copies a stack to a new folder with spaces and quotes in its name. */
function quotedStackFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "it's a stack-"));
  cpSync(target.folder, folder, { recursive: true });
  return folder;
}

/** Returns the run's topic without its event processor's subscription, and what doctor then says in a folder. */
async function brokenDoctor(local: LocalRun, cwd: string): Promise<CommandResult> {
  const { Subscriptions = [] } = await local.clients.sns.send(new ListSubscriptionsCommand({}));
  for (const { SubscriptionArn, Endpoint } of Subscriptions) {
    if (Endpoint?.endsWith("-events-queue")) await local.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  }
  const cli = [process.execPath, resolve("dist/cli/main.mjs"), "doctor", "--json", "--local"];
  const words = [...cli, "--endpoint-url", local.ready.endpoint].map(shellWord).join(" ");
  return CliProcess.shell(`cd ${shellWord(cwd)} && ${words}`, {}).done;
}

test("the fix for a local run, pasted in another folder, starts the run in its folder with its arguments", async () => {
  const folder = quotedStackFolder();
  const local = await LocalRun.start("--stack-folder", folder);
  const ran = await brokenDoctor(local, tmpdir());
  expect(await local.stop()).toBe(0);
  const [{ fix } = { fix: "" }] = findingsIn(ran);
  const npm = `npm() { pwd; printf '%s\\n' "$@"; }`;
  const [, command = ""] = fix.split("\n");
  const pasted = await CliProcess.shell(`${npm}; cd /; ${command}`, {}).done;
  const [cwd, ...args] = pasted.stdout.trim().split("\n");
  expect([cwd, args.slice(0, 2), args.slice(-2)]).toEqual([process.cwd(), ["start", "--"], ["--stack-folder", folder]]);
  expect(command).not.toMatch(/ \(|, /);
});

test.each<[how: string, damage: (folder: string) => void]>([
  ["is gone", (folder) => rmSync(folder, { recursive: true })],
  ["is not JSON", (folder) => writeFileSync(join(folder, "cdk.tf.json"), '{"resource":')],
  ["has no object", (folder) => writeFileSync(join(folder, "cdk.tf.json"), "null")],
  ["is of another pipeline", (folder) => writeFileSync(join(folder, "cdk.tf.json"), "{}")],
])("follows the names, and reports it, if the stack with which the local run started %s", async (_how, damage) => {
  const folder = quotedStackFolder();
  const local = await LocalRun.start("--stack-folder", folder);
  damage(folder);
  const doctor = (...args: string[]) => runCliOn(local, ["doctor", "--json", ...args]);
  const [found, given] = [await doctor(), await doctor("--stack-folder", folder)];
  const [surroundings, ...hops] = records(found);
  expect([found.code, surroundings]).toEqual([
    3,
    expect.objectContaining({
      stack: null,
      findings: [expect.objectContaining({ what: "unknown", message: expect.stringContaining(folder) })],
    }),
  ]);
  expect(hops.filter(({ state }) => state === "passes").length).toBeGreaterThan(10);
  // The user's own choice must exist.
  expect([given.code, given.stderr]).toEqual([2, expect.stringContaining(folder)]);
  expect(await local.stop()).toBe(0);
});

test("does not tell to start a local run in a folder that does not exist anymore", async () => {
  const gone = mkdtempSync(join(tmpdir(), "clone-"));
  const local = await LocalRun.start("--stack-folder", quotedStackFolder());
  const topicArn = local.output("topic_arn");
  const Tags = [{ Key: LOCAL_RUN_TAGS.folder, Value: gone }];
  await local.clients.sns.send(new TagResourceCommand({ ResourceArn: topicArn, Tags }));
  rmSync(gone, { recursive: true });
  const [{ fix } = { fix: "" }] = findingsIn(await brokenDoctor(local, "/"));
  expect(fix).toMatch(/^Start the local run again /);
  expect(fix).toContain(gone);
  expect(await local.stop()).toBe(0);
});

test("follows a user's own subscriptions, except to other accounts and protocols", async () => {
  const own = stackFolder(({ resource }) => {
    const topic_arn = "${aws_sns_topic.events.arn}";
    const subscription = (protocol: string, endpoint: string) => ({ topic_arn, protocol, endpoint });
    Object.assign(resource.aws_sqs_queue ?? {}, { own: { name: "own" } });
    Object.assign(resource.aws_sns_topic_subscription ?? {}, {
      own: subscription("sqs", "${aws_sqs_queue.own.arn}"),
      foreign: subscription("sqs", "arn:aws:sqs:us-east-1:999999999999:foreign"),
      call: subscription("https", "https://example.com/"),
    });
    const alarm = { alarm_name: "local-events-own", comparison_operator: "GreaterThanThreshold" };
    Object.assign(resource.aws_cloudwatch_metric_alarm ?? {}, { own: alarm });
  });
  const ran = await runDoctor({ ...target, folder: own });
  const broken = records(ran).flatMap(({ state, hop, name }) => (state === "broken" ? `${hop} ${name}` : []));
  expect(broken).toEqual([
    "subscription own",
    "queue policy own",
    "subscription foreign",
    "subscription https://example.com/",
  ]);
});

test("advises to replay only into the event processor's queue, in whole sentences", async () => {
  const empty =
    "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions/></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>";
  const ran = await doctorBehind(({ action }) =>
    action === "ListSubscriptionsByTopic" ? { status: 200, body: empty } : undefined,
  );
  const gone = records(ran).filter(({ hop, state }) => hop === "subscription" && state === "broken");
  const replayed = gone.filter(({ findings }) => findings[0].fix.includes("replay --only-missing"));
  expect(gone.map(({ name }) => name).sort()).toEqual(["local-events-queue", "local-events-raw"]);
  expect(replayed.map(({ name }) => name)).toEqual(["local-events-queue"]);
  for (const { fix } of findingsIn(ran)) expect(fix).not.toContain(".;");
});

test("prints its counts when it is interrupted while a request hangs", async () => {
  const stop = new AbortController();
  const hang: ProxyFault = ({ action }) => (action === "GetRole" ? new Promise(() => stop.abort()) : undefined);
  const proxy = await FaultyProxy.open(hang, run.ready.endpoint);
  const args = ["doctor", "--local", "--endpoint-url", proxy.endpoint, "--stack-folder", target.folder];
  const ran = await runCli(args, { interrupted: stop.signal });
  await proxy.close();
  expect([ran.code, ran.stderr]).toEqual([130, expect.stringMatching(/^Hops: \d+ passes.*Interrupted\./s)]);
});
