import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as firehose from "@aws-sdk/client-firehose";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { AwsJson1_0Protocol, AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import type { AnyDefinition } from "../../gateway/service";
import type { ProtocolName } from "../../protocols/protocol";

/** A client of the SDK. */
export interface Client {
  send(command: object): Promise<Record<string, unknown>>;
  destroy(): void;
}

type Module = Readonly<Record<string, unknown>>;

/** The folder, client package and client class of each service. */
const SDK: Readonly<Record<string, readonly [folder: string, module: Module, client: string]>> = {
  SNS: ["sns", sns, "SNSClient"],
  SQS: ["sqs", sqs, "SQSClient"],
  Lambda: ["lambda", lambda, "LambdaClient"],
  DynamoDB: ["dynamodb", dynamodb, "DynamoDBClient"],
  Firehose: ["firehose", firehose, "FirehoseClient"],
  S3: ["s3", s3, "S3Client"],
  "CloudWatch Logs": ["logs", logs, "CloudWatchLogsClient"],
  CloudWatch: ["cloudwatch", cloudwatch, "CloudWatchClient"],
  IAM: ["iam", iam, "IAMClient"],
  KMS: ["kms", kms, "KMSClient"],
  STS: ["sts", sts, "STSClient"],
};

/** Protocols that a client can speak instead of its own. */
const PROTOCOLS: Partial<Record<ProtocolName, unknown>> = {
  json: AwsJson1_0Protocol,
  query: AwsQueryProtocol,
  cbor: AwsSmithyRpcV2CborProtocol,
};

function sdkOf({ name }: AnyDefinition) {
  const [folder, module, client] = SDK[name] ?? [];
  if (folder === undefined || !module || client === undefined) throw new Error(`Add the client of ${name}.`);
  return { folder, module, client };
}

/** Returns the service's folder. */
export function folderOf(definition: AnyDefinition): string {
  return sdkOf(definition).folder;
}

export function clientOf(definition: AnyDefinition, protocol: ProtocolName, config: object): Client {
  const { module, client } = sdkOf(definition);
  return new (module[client] as new (config: object) => Client)({
    ...config,
    ...(definition.protocols.length > 1 && { protocol: PROTOCOLS[protocol] }),
    forcePathStyle: true,
    disableHostPrefix: true,
    maxAttempts: 1,
    ...(definition.name === "SQS" && { md5: false }), // Its client would verify digests.
  });
}

export function commandOf(definition: AnyDefinition, operation: string, input: object): object {
  const Command = sdkOf(definition).module[`${operation}Command`] as new (input: object) => object;
  return new Command(input);
}

/** Returns the class of an error. */
export function errorClass(definition: AnyDefinition, name: string): unknown {
  return sdkOf(definition).module[name];
}
