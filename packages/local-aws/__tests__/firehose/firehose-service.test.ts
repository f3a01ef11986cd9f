import { gunzipSync } from "node:zlib";
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { CREDENTIALS } from "../../account";

const DeliveryStreamName = "local-events-raw";

let run: LocalRun;
let firehose: FirehoseClient;

beforeAll(async () => {
  run = await LocalRun.start("--archive-interval", "0");
  const { endpoint, region } = run.ready;
  firehose = new FirehoseClient({ endpoint, region, credentials: CREDENTIALS });
});

afterAll(async () => {
  firehose.destroy();
  expect(await run.stop()).toBe(0);
});

const record = (text: string) => ({ Data: Buffer.from(text) });

async function archivedLines(): Promise<string[]> {
  const Bucket = run.output("raw_bucket");
  const { Contents = [] } = await run.clients.s3.send(new ListObjectsV2Command({ Bucket }));
  const objects = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await run.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
      return gunzipSync((await Body?.transformToByteArray()) ?? "").toString();
    }),
  );
  return objects.join("").split("\n").filter(Boolean);
}

test("archives single records and batches unchanged", async () => {
  const one = await firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: record("é😀") }));
  expect(one.RecordId).toEqual(expect.any(String));
  const Records = ["a", "x".repeat(1_024_001), "b"].map(record);
  const batch = await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
  expect(batch.FailedPutCount).toBe(1);
  expect(batch.RequestResponses?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    "InvalidArgumentException",
    undefined,
  ]);
  await run.until(() => run.hops("archived").length === 3);
  expect((await archivedLines()).sort()).toEqual(["a", "b", "é😀"]);
});

test("lists the delivery streams", async () => {
  expect(await firehose.send(new ListDeliveryStreamsCommand({}))).toMatchObject({
    DeliveryStreamNames: [DeliveryStreamName],
    HasMoreDeliveryStreams: false,
  });
});

test("rejects invalid records with Firehose's errors", async () => {
  const put = (stream: string, Data: Uint8Array) =>
    firehose.send(new PutRecordCommand({ DeliveryStreamName: stream, Record: { Data } }));
  await expect(put("gone", Buffer.from("x"))).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(put(DeliveryStreamName, Buffer.alloc(1_024_001))).rejects.toMatchObject({
    name: "InvalidArgumentException",
    message: expect.stringContaining("the record has 1024001 bytes"),
  });
  await expect(put(DeliveryStreamName, Buffer.from([0xff]))).rejects.toMatchObject({
    name: "InvalidArgumentException",
    message: expect.stringContaining("UTF-8"),
  });
  const Records = Array.from({ length: 501 }, () => record("x"));
  await expect(firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }))).rejects.toMatchObject({
    message: "Records must be a list of 1 to 500 records.",
  });
  await expect(firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))).rejects.toMatchObject({
    $metadata: expect.objectContaining({ httpStatusCode: 501 }),
  });
});
