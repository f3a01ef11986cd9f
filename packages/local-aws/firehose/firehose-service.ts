import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { JsonService, JsonServiceError } from "../protocols/json-service";
import { FIREHOSE } from "../supported-actions";
import type { DeliveryBuffers } from "./delivery-buffers";

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** A batch has up to 4 MiB, and a third more in Base64. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** Creates the part of Firehose that puts records into a stream, which redrives events that SNS could not archive. */
export function firehoseService(buffers: DeliveryBuffers): JsonService {
  return new JsonService({
    service: FIREHOSE,
    maxBodyBytes: MAX_BODY_BYTES,
    actions: {
      ListDeliveryStreams: () => listDeliveryStreams(buffers),
      PutRecord: (body) => putRecord(body, buffers),
      PutRecordBatch: (body) => putRecordBatch(body, buffers),
    },
  });
}

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html */
function listDeliveryStreams(buffers: DeliveryBuffers): object {
  return { DeliveryStreamNames: buffers.arns.map(nameIn).sort(), HasMoreDeliveryStreams: false };
}

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
function putRecord(body: unknown, buffers: DeliveryBuffers): object {
  const { Record: record } = inputOf(body);
  const [reason] = buffers.putAll(streamOf(body, buffers), [textOf(record, "Record")]);
  if (reason !== undefined) throw invalidArgument(`Record: ${reason}.`);
  return { RecordId: randomUUID(), Encrypted: false };
}

function putRecordBatch(body: unknown, buffers: DeliveryBuffers): object {
  const { Records } = inputOf(body);
  if (!Array.isArray(Records) || Records.length === 0 || Records.length > MAX_BATCH_RECORDS) {
    throw invalidArgument(`Records must be a list of 1 to ${MAX_BATCH_RECORDS} records.`);
  }
  const texts = Records.map((record, index) => textOf(record, `Records[${index}]`));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BATCH_BYTES)
    throw invalidArgument(`Records have ${bytes} bytes, and the limit of a batch is ${MAX_BATCH_BYTES}.`);
  const RequestResponses = buffers
    .putAll(streamOf(body, buffers), texts)
    .map((reason) =>
      reason === undefined
        ? { RecordId: randomUUID() }
        : { ErrorCode: "InvalidArgumentException", ErrorMessage: `${reason}.` },
    );
  const FailedPutCount = RequestResponses.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
  return { FailedPutCount, Encrypted: false, RequestResponses };
}

function streamOf(body: unknown, buffers: DeliveryBuffers): string {
  const { DeliveryStreamName: name } = inputOf(body);
  const arn = buffers.arns.find((each) => nameIn(each) === name);
  if (arn === undefined) {
    throw new JsonServiceError("ResourceNotFoundException", `There is no delivery stream ${JSON.stringify(name)}.`);
  }
  return arn;
}

/** Returns the text of a record. The local run archives lines of text only. */
function textOf(record: unknown, place: string): string {
  const { Data } = inputOf(record ?? {});
  if (typeof Data !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(Data))
    throw invalidArgument(`${place}.Data must be Base64.`);
  const bytes = Buffer.from(Data, "base64");
  if (!isUtf8(bytes)) throw invalidArgument(`${place}.Data must be UTF-8 text in the local run.`);
  return bytes.toString();
}

function inputOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== "object" || body === null) throw invalidArgument("The request must be a JSON object.");
  return body as Readonly<Record<string, unknown>>;
}

function nameIn(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

function invalidArgument(message: string): JsonServiceError {
  return new JsonServiceError("InvalidArgumentException", message);
}
