import {
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
} from "@aws-sdk/client-sns";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";
import fc from "fast-check";

let run: LocalRun;
beforeAll(async () => {
  const filter = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
  const stage = stageWith({}, { alerts: { handler: "alert-log", ...filter } });
  run = await LocalRun.start("--stack-folder", stackFolder(undefined, stage));
});
afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

test("delivers events that match a second subscriber's filter to its handler, in a separate process", async () => {
  const publish = async (event: object) => {
    const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: JSON.stringify(event) });
    return String((await run.clients.sns.send(command)).MessageId);
  };
  const functionsOf = (id: string) => {
    const processed = run.hopsOf(id).filter(({ kind: hop }) => hop === "processed");
    return [...new Set(processed.map(({ detail }) => detail.function))].sort();
  };

  const low = await publish({ type: "finding.new", severity: "low" });
  const high = await publish({ type: "finding.new", severity: "high" });
  await run.until(() => functionsOf(high).length === 2 && functionsOf(low).length === 1);
  await run.waitForHop(high, "archived");

  expect(functionsOf(high)).toEqual(["local-alerts-processor", "local-event-processor"]);
  expect(functionsOf(low)).toEqual(["local-event-processor"]);
  expect(run.hopsOf(high).map(({ kind }) => kind)).toContain("stored");
  expect(run.lines).toContainEqual({
    kind: "log",
    function: "local-alerts-processor",
    line: expect.objectContaining({ message: "alert", message_id: high }),
  });
  expect(run.hops("filtered")).toEqual([
    expect.objectContaining({
      messageId: low,
      detail: { subscription: "aws_sns_topic_subscription.alerts", queue: "local-alerts-queue" },
    }),
  ]);
  expect(run.ready.pids).toHaveLength(2);
});

const severity = fc.constantFrom("high", "low", "critical");
const policy = fc.oneof(
  severity.map((value) => ({ severity: [value] })),
  severity.map((value) => ({ severity: [{ "anything-but": value }] })),
  fc.boolean().map((exists) => ({ severity: [{ exists }] })),
  severity.map((value) => ({ $or: [{ severity: [value] }, { score: [{ numeric: [">", 5] }] }] })),
  fc.constant({ score: [{ numeric: ["<", 5] }], severity: [{ prefix: "h" }] }),
);
const event = fc.record({ severity, score: fc.nat(9) }, { requiredKeys: [] });

test("queues or filters every event, for any filter policy", async () => {
  const { sns } = run.clients;
  const TopicArn = run.output("topic_arn");
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const { SubscriptionArn } = Subscriptions.find(({ Endpoint }) => Endpoint?.endsWith(":local-alerts-queue")) ?? {};
  const published: string[] = [];
  const publishUnder = async (scope: string, filterPolicy: object, events: readonly Record<string, unknown>[]) => {
    const attributes = { FilterPolicyScope: scope, FilterPolicy: JSON.stringify(filterPolicy) };
    for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
      await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    }
    const PublishBatchRequestEntries = events.map((values, index) => ({
      Id: String(index),
      Message: JSON.stringify({ type: "filter", ...values }),
      MessageAttributes: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          { DataType: typeof value === "number" ? "Number" : "String", StringValue: String(value) },
        ]),
      ),
    }));
    const { Successful = [] } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    published.push(...Successful.map(({ MessageId }) => String(MessageId)));
  };

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("MessageBody", "MessageAttributes"),
      policy,
      fc.array(event, { minLength: 1, maxLength: 10 }),
      publishUnder,
    ),
    { numRuns: 50 },
  );
  await run.waitForHop(String(published.at(-1)), "queued");
  const atAlerts = (stage: "queued" | "filtered") =>
    run
      .hops(stage)
      .filter(({ detail, messageId }) => detail.queue === "local-alerts-queue" && published.includes(messageId))
      .map(({ messageId }) => messageId);
  expect(atAlerts("queued").length).toBeGreaterThan(0);
  expect(atAlerts("filtered").length).toBeGreaterThan(0);
  expect([...atAlerts("queued"), ...atAlerts("filtered")].sort()).toEqual([...published].sort());
});
