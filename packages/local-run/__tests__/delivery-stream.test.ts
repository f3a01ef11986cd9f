import { CreateBucketCommand, DeleteBucketCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { archivedIds } from "@event-pipeline/testing/stored-events";

const publish = async (run: LocalRun, id: string) => {
  const Message = JSON.stringify({ type: "a", id });
  const { MessageId } = await run.clients.sns.send(new PublishCommand({ TopicArn: run.output("topic_arn"), Message }));
  return String(MessageId);
};

test("retries until S3 accepts an object, and archives each record once", async () => {
  const run = await LocalRun.start("--archive-interval", "0");
  const Bucket = run.output("raw_bucket");
  await run.clients.s3.send(new DeleteBucketCommand({ Bucket }));
  const first = await publish(run, "first");
  await run.waitFor(({ kind, message }) => kind === "note" && /could not deliver and will retry/.test(String(message)));
  const second = await publish(run, "second");
  await run.clients.s3.send(new CreateBucketCommand({ Bucket }));
  for (const id of [first, second]) await run.waitForHop(id, "archived");
  expect(run.hops("archived").map(({ messageId }) => messageId)).toEqual([first, second]);
  expect(await archivedIds(run)).toEqual(new Set(["first", "second"]));
  expect(await run.stop()).toBe(0);
});

test("delivers buffered records before it stops", async () => {
  const run = await LocalRun.start("--archive-interval", "900");
  const ids: string[] = [];
  for (let index = 0; index < 20; index++) ids.push(await publish(run, `waiting-${index}`));
  expect(run.hops("archived")).toEqual([]);
  expect(await run.stop()).toBe(0);
  expect(run.hops("archived").map(({ messageId }) => messageId)).toEqual(ids);
});
