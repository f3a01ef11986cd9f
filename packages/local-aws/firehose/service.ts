import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { CreateDeliveryStream } from "./actions/create-delivery-stream";
import { DeleteDeliveryStream } from "./actions/delete-delivery-stream";
import { DescribeDeliveryStream } from "./actions/describe-delivery-stream";
import { ListDeliveryStreams } from "./actions/list-delivery-streams";
import { ListTagsForDeliveryStream } from "./actions/list-tags-for-delivery-stream";
import { PutRecord } from "./actions/put-record";
import { PutRecordBatch } from "./actions/put-record-batch";
import { StartDeliveryStreamEncryption } from "./actions/start-delivery-stream-encryption";
import type { Firehose } from "./firehose";

export const FIREHOSE: ServiceDefinition<Firehose> = {
  name: "Firehose",
  schemas: schemasOf("firehose"),
  signingName: "firehose",
  protocols: ["json"],
  targetPrefix: "Firehose_20150804",
  // Base64 increases the 4 MiB of a batch by a third.
  maxBodyBytes: 6 * 1024 * 1024,
  unparsableCode: "SerializationException",
  invalidInput: ({ kind, message }) =>
    new AwsError(kind === "missing" ? "ValidationException" : "SerializationException", message),
  actions: {
    CreateDeliveryStream,
    DeleteDeliveryStream,
    DescribeDeliveryStream,
    ListDeliveryStreams,
    ListTagsForDeliveryStream,
    PutRecord,
    PutRecordBatch,
    StartDeliveryStreamEncryption,
  },
};
