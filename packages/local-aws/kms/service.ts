import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { CreateKey } from "./actions/create-key";
import { DescribeKey } from "./actions/describe-key";
import { GetKeyPolicy } from "./actions/get-key-policy";
import { ListKeys } from "./actions/list-keys";
import { PutKeyPolicy } from "./actions/put-key-policy";
import type { Kms } from "./kms";

export const KMS: ServiceDefinition<Kms> = {
  name: "KMS",
  schemas: schemasOf("kms"),
  signingName: "kms",
  protocols: ["json"],
  targetPrefix: "TrentService",
  maxBodyBytes: 256 * 1024,
  unparsableCode: "SerializationException",
  invalidInput: ({ message }) => new AwsError("ValidationException", message),
  actions: { CreateKey, DescribeKey, GetKeyPolicy, ListKeys, PutKeyPolicy },
};
