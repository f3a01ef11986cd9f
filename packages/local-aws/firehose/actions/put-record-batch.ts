import { randomUUID } from "node:crypto";
import type { PutRecordBatchInput, PutRecordBatchOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import { invalidArgument } from "../errors";
import type { Firehose } from "../firehose";

const MAX_RECORDS = 500;
const MAX_BYTES = 4 * 1024 * 1024;

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
export const PutRecordBatch: Action<PutRecordBatchInput, PutRecordBatchOutput, Firehose> = {
  handles: ["DeliveryStreamName", "Records.Data"],
  run({ DeliveryStreamName, Records: records = [] }, firehose) {
    const stream = firehose.stream(DeliveryStreamName);
    if (records.length === 0 || records.length > MAX_RECORDS) {
      throw invalidArgument(`Records must be a list of 1 to ${MAX_RECORDS} records.`);
    }
    const bytes = records.reduce((sum, { Data }) => sum + (Data?.byteLength ?? 0), 0);
    if (bytes > MAX_BYTES) {
      throw invalidArgument(`Records have ${bytes} bytes, but the limit for a batch is ${MAX_BYTES}.`);
    }
    const RequestResponses = records.map(({ Data = new Uint8Array() }) => {
      const reason = stream.put(Data);
      if (reason === undefined) return { RecordId: randomUUID() };
      return { ErrorCode: "InvalidArgumentException", ErrorMessage: `${reason}.` };
    });
    return {
      FailedPutCount: RequestResponses.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
      Encrypted: stream.stored.encryption !== undefined,
      RequestResponses,
    };
  },
};
