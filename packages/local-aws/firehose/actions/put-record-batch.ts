import { randomUUID } from "node:crypto";
import type { PutRecordBatchInput, PutRecordBatchOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import { invalidArgument, validationError } from "../errors";
import type { Firehose } from "../firehose";

const MAX_RECORDS = 500;
const MAX_BYTES = 4 * 1024 * 1024;

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
export const PutRecordBatch: Action<PutRecordBatchInput, PutRecordBatchOutput, Firehose> = {
  handles: ["DeliveryStreamName", "Records.Data"],
  run({ DeliveryStreamName, Records: records = [] }, firehose) {
    const stream = firehose.stream(DeliveryStreamName);
    if (records.length === 0 || records.length > MAX_RECORDS) {
      throw validationError(`Records must be a list of 1 to ${MAX_RECORDS} records.`);
    }
    const bytes = records.reduce((sum, { Data }) => sum + (Data?.byteLength ?? 0), 0);
    if (bytes > MAX_BYTES) {
      throw invalidArgument(`Records have ${bytes} bytes, but the limit for a batch is ${MAX_BYTES}.`);
    }
    const data = records.map(({ Data = new Uint8Array() }) => Data);
    const reason = data.map((each) => stream.rejection(each)).find((each) => each !== undefined);
    if (reason !== undefined) throw validationError(`Records: ${reason}.`);
    for (const each of data) stream.put(each);
    const RequestResponses = records.map(() => ({ RecordId: randomUUID() }));
    return { FailedPutCount: 0, Encrypted: stream.stored.encryption !== undefined, RequestResponses };
  },
};
