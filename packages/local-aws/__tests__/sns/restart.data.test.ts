import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  PublishCommand,
  TagResourceCommand,
} from "@aws-sdk/client-sns";
import { receive } from "@event-pipeline/testing/queues";
import { SteppedClock } from "../../clock";
import { FolderStorage } from "../../storage/storage";
import { BUCKET_ARN, ROLE_ARN, startMessaging, until } from "../messaging";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "messaging-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = new SteppedClock();

function start() {
  const onDiskError = (error: unknown): never => {
    throw error;
  };
  return startMessaging({ clock, storage: FolderStorage.open(folder, onDiskError) });
}

test("keeps topics, subscriptions, streams and buffered records in the folder", async () => {
  const before = await start();
  const TopicArn = await before.createTopic("events", { DisplayName: "shown" });
  await before.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "b" }] }));
  const queue = await before.queue("events");
  await before.subscribe(TopicArn, queue.arn, { FilterPolicy: '{"a":[1]}', FilterPolicyScope: "MessageBody" });
  const destination = { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN };
  const stream = before.streams.createStream({ name: "archive", destination });
  await before.subscribe(TopicArn, stream.stored.arn, { SubscriptionRoleArn: ROLE_ARN, RawMessageDelivery: "true" });
  const publish = (aws: typeof before, Message: string) => aws.sns.send(new PublishCommand({ TopicArn, Message }));
  for (const message of ['{"a":1}', '{"a":2}']) await publish(before, message);
  stream.put(new Uint8Array([0xff]));
  await before.stop();

  const after = await start();
  const { Attributes } = await after.sns.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(Attributes).toMatchObject({ DisplayName: "shown", SubscriptionsConfirmed: "2" });
  const { Tags } = await after.sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
  expect(Tags).toEqual([{ Key: "a", Value: "b" }]);
  await publish(after, '{"a":3}');
  await publish(after, '{"a":1,"b":4}');
  const messages = (await receive(after.sqs, queue.url)).map(({ Body }) => JSON.parse(String(Body)).Message);
  expect(messages.sort()).toEqual(['{"a":1,"b":4}', '{"a":1}']);
  await clock.advance(300_000);
  await until(() => after.observed.delivered.length === 1);
  const all = ['{"a":1}\n{"a":2}\n', new Uint8Array([0xff]), '{"a":3}\n{"a":1,"b":4}\n'];
  expect(after.s3.content().map(([, bytes]) => bytes)).toEqual([Buffer.concat(all.map((each) => Buffer.from(each)))]);
  await after.stop();

  const last = await start();
  await clock.advance(300_000);
  expect(last.s3.content()).toHaveLength(1);
  await last.stop();
});
