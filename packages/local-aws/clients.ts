import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { CREDENTIALS, type Credentials } from "./account";

export interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
}

/**
 * Creates the AWS clients for an endpoint.
 *
 * @example
 * const { sns } = clientsFor("http://127.0.0.1:4566", "us-east-1");
 * await sns.send(new ListTopicsCommand({}));
 */
export function clientsFor(endpoint: string, region: string, credentials: Credentials = CREDENTIALS): Clients {
  const config = { endpoint, region, credentials };
  return {
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    dynamodb: new DynamoDBClient(config),
  };
}
