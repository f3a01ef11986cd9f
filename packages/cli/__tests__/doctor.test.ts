import { ListSubscriptionsByTopicCommand, SetSubscriptionAttributesCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { records, runCliOn, runCliProcess } from "@event-pipeline/testing/run-cli";

let run: LocalRun;
let folder: string;

beforeAll(async () => {
  folder = stackFolder();
  run = await LocalRun.start("--stack-folder", folder);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const doctor = (...args: string[]) => runCliOn(run, ["doctor", "--stack-folder", folder, ...args]);
const wrong = async () =>
  records(await doctor("--json"))
    .filter(({ kind }) => kind === "resource")
    .flatMap(({ address, findings }) =>
      findings
        .filter(({ what }: { what: string }) => what !== "unknown")
        .map((finding: object) => ({ address, ...finding })),
    );

test("finds no differences in a new local run, and reports unsupported resources as unknown", async () => {
  const { code, stdout, stderr } = await doctor();
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^\d+ resources checked: 0 missing, 0 settings differ, \d+ unknown/),
  ]);
  expect(stdout).toContain("✓ aws_sqs_queue.events  local-events-queue\n");
  expect(stdout).toMatch(/\? \d+ × aws_cloudwatch_metric_alarm: Unknown/);
  expect(await wrong()).toEqual([]);
});

test("reports each manual change, with the value in the stack and a fix", async () => {
  const { sqs, sns } = run.clients;
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: run.output("queue_url"),
      Attributes: { VisibilityTimeout: "5", RedrivePolicy: "" },
    }),
  );
  const { Subscriptions = [] } = await sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: run.output("topic_arn") }),
  );
  const SubscriptionArn = Subscriptions.find(({ Endpoint }) => Endpoint?.endsWith("-events-queue"))?.SubscriptionArn;
  const AttributeValue = '{"severity":["high"]}';
  await sns.send(
    new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue }),
  );
  await sqs.send(
    new DeleteQueueCommand({ QueueUrl: run.output("dlq_url").replace("events-dlq", "events-undelivered") }),
  );
  const found = await wrong();
  expect(found).toContainEqual({
    address: "aws_sqs_queue.events",
    what: "wrong",
    message: "VisibilityTimeout is 5. In the stack it is 60.",
    fix: expect.stringContaining("npm run deploy"),
  });
  expect(found).toContainEqual(
    expect.objectContaining({ message: expect.stringMatching(/^RedrivePolicy is none\. In the stack it is \{/) }),
  );
  expect(found).toContainEqual(
    expect.objectContaining({
      address: "aws_sns_topic_subscription.sqs",
      message: 'FilterPolicy is {"severity":["high"]}. In the stack it is none.',
      fix: expect.stringContaining("archive replay --only-missing"),
    }),
  );
  expect(found).toContainEqual(
    expect.objectContaining({ address: "aws_sqs_queue.events_undelivered", what: "missing" }),
  );
  const { code, stdout } = await doctor();
  expect([code, stdout]).toEqual([1, expect.stringContaining("Fix: npm run deploy")]);
});

test("reports a wrong name, a wrong region and a missing folder", async () => {
  const other = await doctor("--name", "other");
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining("check --name")]);
  expect(other.stdout).not.toContain("✓");
  const elsewhere = stackFolder((stack) => Object.assign(stack.provider.aws?.[0] ?? {}, { region: "eu-west-1" }));
  const region = await runCliOn(run, ["doctor", "--stack-folder", elsewhere]);
  expect(region.stdout).toContain("The stack is for the region eu-west-1, but the command uses the region us-east-1.");
  const nowhere = await runCliOn(run, ["doctor", "--stack-folder", "/nowhere"]);
  expect([nowhere.code, nowhere.stderr]).toEqual([
    2,
    expect.stringContaining("Cannot read the synthesized stack /nowhere/cdk.tf.json"),
  ]);
});

test("without a synthesized stack, checks the resources of every pipeline", async () => {
  const environment = { AWS_ENDPOINT_URL: run.ready.endpoint, CDKTF_OUTDIR: "/nowhere" };
  const { stdout } = await runCliProcess(["doctor"], { environment });
  expect(stdout).toContain("not synthesized, so settings are not compared");
  expect(stdout).toContain("✓ aws_dynamodb_table  local-events\n");
});

test("exits with 4 without credentials", async () => {
  const ran = await runCliProcess(["doctor", "--name", "alice", "--region", "us-east-1"]);
  expect([ran.code, ran.stdout]).toEqual([4, ""]);
  expect(ran.stderr).toContain("--profile");
});
