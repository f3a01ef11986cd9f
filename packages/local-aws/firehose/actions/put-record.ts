import { randomUUID } from "node:crypto";
import type { PutRecordInput, PutRecordOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import { validationError } from "../errors";
import type { Firehose } from "../firehose";

export const PutRecord: Action<PutRecordInput, PutRecordOutput, Firehose> = {
  handles: ["DeliveryStreamName", "Record.Data"],
  run({ DeliveryStreamName, Record }, firehose) {
    const stream = firehose.stream(DeliveryStreamName);
    const reason = stream.put(Record?.Data ?? "");
    if (reason !== undefined) throw validationError(`Record: ${reason}.`);
    return { RecordId: randomUUID(), Encrypted: stream.stored.encryption !== undefined };
  },
};
