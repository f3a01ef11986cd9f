import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { JsonServiceError } from "../json-service";
import type { Intakes } from "./intakes";

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html */
export function listDeliveryStreams(intakes: Intakes): object {
  return { DeliveryStreamNames: intakes.arns.map(nameIn).sort(), HasMoreDeliveryStreams: false };
}

/** @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
export function putRecord(body: unknown, intakes: Intakes): object {
  const { Record: record } = inputOf(body);
  const [reason] = intakes.putAll(streamOf(body, intakes), [textOf(record, "Record")]);
  if (reason !== undefined) throw invalid(`Record: ${reason}.`);
  return { RecordId: randomUUID(), Encrypted: false };
}

export function putRecordBatch(body: unknown, intakes: Intakes): object {
  const { Records } = inputOf(body);
  if (!Array.isArray(Records) || Records.length === 0 || Records.length > MAX_BATCH_RECORDS) {
    throw invalid(`Records must be a list of 1 to ${MAX_BATCH_RECORDS} records.`);
  }
  const texts = Records.map((record, index) => textOf(record, `Records[${index}]`));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BATCH_BYTES)
    throw invalid(`Records have ${bytes} bytes, and a batch has at most ${MAX_BATCH_BYTES}.`);
  const RequestResponses = intakes
    .putAll(streamOf(body, intakes), texts)
    .map((reason) =>
      reason === undefined
        ? { RecordId: randomUUID() }
        : { ErrorCode: "InvalidArgumentException", ErrorMessage: `${reason}.` },
    );
  const FailedPutCount = RequestResponses.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
  return { FailedPutCount, Encrypted: false, RequestResponses };
}

function streamOf(body: unknown, intakes: Intakes): string {
  const { DeliveryStreamName: name } = inputOf(body);
  const arn = intakes.arns.find((each) => nameIn(each) === name);
  if (arn === undefined) {
    throw new JsonServiceError(
      "ResourceNotFoundException",
      `There is no delivery stream ${JSON.stringify(name)} here.`,
    );
  }
  return arn;
}

/** A line of the archive is a text, so records have to be. */
function textOf(record: unknown, place: string): string {
  const { Data } = inputOf(record ?? {});
  if (typeof Data !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(Data)) throw invalid(`${place}.Data must be Base64.`);
  const bytes = Buffer.from(Data, "base64");
  if (!isUtf8(bytes)) throw invalid(`${place}.Data must be a text in UTF-8; the local run takes no other.`);
  return bytes.toString();
}

function inputOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== "object" || body === null) throw invalid("The request must be a JSON object.");
  return body as Readonly<Record<string, unknown>>;
}

function nameIn(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

function invalid(message: string): JsonServiceError {
  return new JsonServiceError("InvalidArgumentException", message);
}
