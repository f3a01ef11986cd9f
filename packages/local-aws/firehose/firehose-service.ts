import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { Service } from "../gateway/gateway";
import { type JsonInput, jsonService } from "../protocols/json-service";
import { AwsError } from "../protocols/responses";
import { FIREHOSE } from "../supported-actions";
import type { DeliveryBuffers } from "./delivery-buffers";

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** Maximum body size. Base64 increases the 4 MiB of a batch by a third. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** Creates a Firehose emulator that accepts records. Redrives use it for events that SNS could not archive. */
export function firehoseService(buffers: DeliveryBuffers): Service {
  return jsonService({
    service: FIREHOSE,
    maxBodyBytes: MAX_BODY_BYTES,
    invalidInputCode: "InvalidArgumentException",
    actions: {
      ListDeliveryStreams: () => ({
        DeliveryStreamNames: [...buffers.byArn.keys()].map(nameIn).sort(),
        HasMoreDeliveryStreams: false,
      }),
      PutRecord: (input) => putRecord(input, buffers),
      PutRecordBatch: (input) => putRecordBatch(input, buffers),
    },
  });
}

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
function putRecord(input: JsonInput, buffers: DeliveryBuffers): object {
  const [reason] = buffers.putAll(streamOf(input, buffers), [textOf(input.Record, "Record")]);
  if (reason !== undefined) throw invalidArgument(`Record: ${reason}.`);
  return { RecordId: randomUUID(), Encrypted: false };
}

function putRecordBatch(input: JsonInput, buffers: DeliveryBuffers): object {
  const { Records } = input;
  if (!Array.isArray(Records) || Records.length === 0 || Records.length > MAX_BATCH_RECORDS) {
    throw invalidArgument(`Records must be a list of 1 to ${MAX_BATCH_RECORDS} records.`);
  }
  const texts = Records.map((record, index) => textOf(record, `Records[${index}]`));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BATCH_BYTES)
    throw invalidArgument(`Records have ${bytes} bytes, but the limit for a batch is ${MAX_BATCH_BYTES}.`);
  const RequestResponses = buffers
    .putAll(streamOf(input, buffers), texts)
    .map((reason) =>
      reason === undefined
        ? { RecordId: randomUUID() }
        : { ErrorCode: "InvalidArgumentException", ErrorMessage: `${reason}.` },
    );
  const FailedPutCount = RequestResponses.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
  return { FailedPutCount, Encrypted: false, RequestResponses };
}

function streamOf({ DeliveryStreamName: name }: JsonInput, buffers: DeliveryBuffers): string {
  const arn = [...buffers.byArn.keys()].find((each) => nameIn(each) === name);
  if (arn === undefined) {
    throw new AwsError("ResourceNotFoundException", `Delivery stream not found: ${JSON.stringify(name)}.`);
  }
  return arn;
}

/** Returns a record's text. The local run can archive only text. */
function textOf(record: unknown, path: string): string {
  const { Data } = Object(record) as JsonInput;
  if (typeof Data !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(Data))
    throw invalidArgument(`${path}.Data must be Base64.`);
  const bytes = Buffer.from(Data, "base64");
  if (!isUtf8(bytes)) throw invalidArgument(`${path}.Data must be UTF-8 text in the local run.`);
  return bytes.toString();
}

function nameIn(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

function invalidArgument(message: string): AwsError {
  return new AwsError("InvalidArgumentException", message);
}
