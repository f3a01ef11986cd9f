// Run with `npm run test:data`. It requires Node.js 22.13 or newer, because the data folder uses node:sqlite.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListMessageMoveTasksCommand, SendMessageBatchCommand, StartMessageMoveTaskCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { counts, createQueue, receive, urlOf } from "@event-pipeline/testing/queues";

const COUNT = 300;

test("keeps each message in exactly one queue, and its source queue, after a SIGKILL during a task", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "data-"));
  // Each receive moves ten messages to the dead-letter queue.
  const first = await LocalRun.start("--delivery", "ordered", "--data-dir", dataDir);
  const { sqs } = first.clients;
  const dlq = await createQueue(sqs, "moved-dlq");
  const policy = JSON.stringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount: 1 });
  const source = await createQueue(sqs, "moved", { RedrivePolicy: policy, VisibilityTimeout: "0" });
  const bodies = Array.from({ length: COUNT }, (_, index) => `body ${index}`);
  for (let start = 0; start < COUNT; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: source.url, Entries }));
  }
  for (let polls = 0; polls <= COUNT / 10; polls++) await receive(sqs, source.url);
  expect(await counts(sqs, dlq.url)).toEqual([COUNT, 0, 0]);

  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dlq.arn, MaxNumberOfMessagesPerSecond: 500 }));
  while ((await counts(sqs, source.url))[0] === 0);
  await first.stop("SIGKILL");

  const second = await LocalRun.start("--delivery", "ordered", "--data-dir", dataDir);
  const again = second.clients.sqs;
  const [dlqUrl, sourceUrl] = [await urlOf(again, "moved-dlq"), await urlOf(again, "moved")];
  const [left = 0] = await counts(again, dlqUrl);
  expect(left).toBeGreaterThan(0);
  expect((await counts(again, sourceUrl))[0]).toBe(COUNT - left);

  await again.send(new StartMessageMoveTaskCommand({ SourceArn: dlq.arn }));
  while ((await counts(again, dlqUrl))[0] !== 0) {
    const { Results = [] } = await again.send(new ListMessageMoveTasksCommand({ SourceArn: dlq.arn }));
    expect(Results[0]?.FailureReason).toBeUndefined();
  }
  const found: unknown[] = [];
  while (found.length < COUNT) {
    found.push(...(await receive(again, sourceUrl, { VisibilityTimeout: 60 })).map(({ Body }) => Body));
  }
  expect(found.sort()).toEqual([...bodies].sort());
  expect(await second.stop()).toBe(0);
});
