import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";

test("no topic is made that would not be what was asked for", async () => {
  const run = await LocalRun.start();
  const create = (input: object) => run.clients.sns.send(new CreateTopicCommand({ Name: "new", ...input }));
  for (const [input, reason] of [
    [{ Attributes: { ArchivePolicy: '{"MessageRetentionPeriod":"30"}' } }, "no ArchivePolicy"],
    [{ Attributes: { Displayname: "x" } }, "no Displayname"],
    [{ DataProtectionPolicy: "{}" }, "protects no data"],
  ] as const) {
    await expect(create(input)).rejects.toThrow(reason);
  }
  await create({ Attributes: { DisplayName: "x", TracingConfig: "PassThrough" } });
  expect(await run.stop()).toBe(0);
});
