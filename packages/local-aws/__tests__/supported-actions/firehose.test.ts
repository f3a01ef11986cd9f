import {
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { CREDENTIALS } from "../../account";
import { FIREHOSE } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

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

const Record = { Data: Buffer.from("{}") };

/** Until so many records more are in the archive. */
async function archives(count: number, put: () => Promise<unknown>): Promise<void> {
  const before = run.hops("archived").length;
  await put();
  await run.until(() => run.hops("archived").length === before + count);
}

testSupportedActions(FIREHOSE, {
  ListDeliveryStreams: async () => {
    const { DeliveryStreamNames } = await firehose.send(new ListDeliveryStreamsCommand({}));
    expect(DeliveryStreamNames).toEqual([DeliveryStreamName]);
  },
  PutRecord: () => archives(1, () => firehose.send(new PutRecordCommand({ DeliveryStreamName, Record }))),
  PutRecordBatch: () =>
    archives(2, () => firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: [Record, Record] }))),
});
