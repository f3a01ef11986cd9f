import { PublishCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { createQueue, receive } from "@event-pipeline/testing/queues";

test("at a clock x 300, five minutes of buffering and a visibility timeout of 60 s pass in seconds", async () => {
  const run = await LocalRun.start("--clock-speed", "300", "--archive-interval", "300");
  const { sns, sqs } = run.clients;
  const start = Date.now();
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: '{"type":"buffered"}' });
  const { MessageId } = await sns.send(command);
  const archived = await run.waitForHop(String(MessageId), "archived");
  expect(archived.sincePublishedMs).toBeGreaterThanOrEqual(300_000);

  const { url } = await createQueue(sqs, "timeouts", { VisibilityTimeout: "60" });
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "again" }));
  /** Returns the time of the machine at which the message was received for this time. */
  const receivedFor = async (time: string): Promise<number> => {
    for (;;) {
      const asked = Date.now();
      const [message] = await receive(sqs, url);
      if (message?.Attributes?.ApproximateReceiveCount === time) return time === "1" ? asked : Date.now();
    }
  };
  const first = await receivedFor("1");
  expect((await receivedFor("2")) - first).toBeGreaterThanOrEqual(60_000 / 300);
  expect(Date.now() - start).toBeLessThan(15_000);
  expect(await run.stop()).toBe(0);
});
