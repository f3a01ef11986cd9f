import { gunzipSync } from "node:zlib";
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishBatchCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { RunningClock } from "../../clock";
import { Firehose } from "../../firehose/firehose";
import { FIREHOSE } from "../../firehose/service";
import { S3 } from "../../s3/s3";
import { S3 as S3_SERVICE } from "../../s3/service";
import { SNS } from "../../sns/service";
import { Sns } from "../../sns/sns";
import { Sqs } from "../../sqs/sqs";
import { MemoryStorage } from "../../storage/storage";
import { BUCKET_ARN, ROLE_ARN, until } from "../messaging";
import { startServices } from "../start-services";

test("archives messages in S3 after five minutes of a clock that is 300 times faster", async () => {
  const clock = new RunningClock(300);
  const storage = new MemoryStorage();
  const delivered: (readonly string[])[] = [];
  const observer = { delivered: (records: readonly string[]) => void delivered.push(records) };
  const services = await startServices(
    (endpoint) => {
      const delivery = { shuffled: false, seed: 0 };
      const host = { endpoint, region: "us-east-1", clock, storage, observer, delivery };
      const [s3, sqs] = [new S3(host), new Sqs(host)];
      const firehose = new Firehose(host, s3);
      return [
        { definition: FIREHOSE, state: firehose },
        { definition: S3_SERVICE, state: s3 },
        { definition: SNS, state: new Sns(host, sqs, firehose) },
      ];
    },
    { clock, storage },
  );
  const clients = [
    new SNSClient(services.config),
    new FirehoseClient(services.config),
    new S3Client({ ...services.config, forcePathStyle: true }),
  ] as const;
  const [sns, firehose, s3] = clients;
  await s3.send(new CreateBucketCommand({ Bucket: "archive" }));
  const ExtendedS3DestinationConfiguration = {
    RoleARN: ROLE_ARN,
    BucketARN: BUCKET_ARN,
    Prefix: "raw/year=!{timestamp:yyyy}/",
    ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
    CompressionFormat: "GZIP" as const,
  };
  const DeliveryStreamName = "events";
  const { DeliveryStreamARN: Endpoint } = await firehose.send(
    new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }),
  );
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "events" }));
  const Attributes = { SubscriptionRoleArn: ROLE_ARN };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "firehose", Endpoint, Attributes }));
  const started = Date.now();
  const PublishBatchRequestEntries = ["a", "b"].map((Id) => ({ Id, Message: Id }));
  await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  await firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('{"Message":"c"}\n') } }));
  await until(() => delivered.length > 0);
  expect(Date.now() - started).toBeGreaterThan(900);
  const Bucket = "archive";
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "raw/year=20" }));
  expect(Contents).toHaveLength(1);
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key }));
  expect(ContentType).toBe("application/octet-stream");
  const lines = String(gunzipSync((await Body?.transformToByteArray()) ?? ""))
    .trimEnd()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line).Message)).toEqual(["a", "b", "c"]);
  for (const client of clients) client.destroy();
  await services.stop();
});
