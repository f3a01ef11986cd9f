import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun, stackFolder } from "../helpers/local-run";
import { stageWith } from "../helpers/synthesized";

test("a second subscriber gets what its filter lets through, in a process of its own", async () => {
  const filter = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
  const stage = stageWith({}, { alerts: { handler: "alert-log", ...filter } });
  const run = await LocalRun.start("--stack-folder", stackFolder(undefined, stage));
  const publish = async (event: object) => {
    const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: JSON.stringify(event) });
    return String((await run.clients.sns.send(command)).MessageId);
  };
  const functionsOf = (id: string) =>
    run
      .hopsOf(id)
      .filter(({ stage: hop }) => hop === "processed")
      .map(({ detail }) => detail.function)
      .sort();

  const low = await publish({ type: "finding.new", severity: "low" });
  const high = await publish({ type: "finding.new", severity: "high" });
  await run.until(() => functionsOf(high).length === 2 && functionsOf(low).length === 1);
  await run.waitForHop(high, "archived");

  expect(functionsOf(high)).toEqual(["local-alerts-processor", "local-event-processor"]);
  expect(functionsOf(low)).toEqual(["local-event-processor"]);
  expect(run.hopsOf(high).filter(({ stage: hop }) => hop === "stored")).toHaveLength(1);
  expect(run.lines).toContainEqual(expect.objectContaining({ kind: "log", function: "local-alerts-processor" }));
  expect(run.ready.pids).toHaveLength(2);
  expect(await run.stop()).toBe(0);
});
