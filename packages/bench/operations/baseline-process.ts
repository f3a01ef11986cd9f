// Makes the same SDK calls as replay and reconcile, without validation, filters, expiry, order, resuming or a report.
import { gunzipSync } from "node:zlib";
import { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ARCHIVE_PREFIX } from "@event-pipeline/event-model/archive-layout";

const LANES = 8;

const [, , what, endpoint = ""] = process.argv;
const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
const s3 = new S3Client({ ...config, forcePathStyle: true });
const dynamodb = new DynamoDBClient(config);
const sqs = new SQSClient(config);
const Bucket = "local-events-raw";

async function* batches(size: number): AsyncGenerator<string[], void, void> {
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: ARCHIVE_PREFIX, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const lines = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array())
        .toString()
        .trimEnd()
        .split("\n");
      for (let start = 0; start < lines.length; start += size) yield lines.slice(start, start + size);
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

async function lookUp(lines: readonly string[]): Promise<void> {
  const Keys = lines.map((line) => {
    const { Message, MessageId, Timestamp } = JSON.parse(line) as Record<string, string>;
    const { type } = JSON.parse(Message ?? "") as { type: string };
    return { event_type: { S: type }, timestamp_id: { S: `${Timestamp}#${MessageId}` } };
  });
  const RequestItems = { "local-events": { Keys, ConsistentRead: true } };
  const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems }));
  const found = Responses?.["local-events"]?.length;
  if (found !== lines.length) throw new Error(`The table returned ${found} of ${lines.length} events.`);
}

async function send(lines: readonly string[]): Promise<void> {
  const Entries = lines.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  const QueueUrl = `${endpoint}/000000000000/local-events-queue`;
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
}

const [work, size] = what === "reconcile" ? ([lookUp, 100] as const) : ([send, 10] as const);
const source = batches(size);
await Promise.all(
  Array.from({ length: LANES }, async () => {
    for await (const batch of source) await work(batch);
  }),
);
