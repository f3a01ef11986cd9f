/** The client package of each folder. DynamoDB has none: dynalite checks its requests. */
export const CLIENTS = {
  cloudwatch: "@aws-sdk/client-cloudwatch",
  firehose: "@aws-sdk/client-firehose",
  iam: "@aws-sdk/client-iam",
  kms: "@aws-sdk/client-kms",
  lambda: "@aws-sdk/client-lambda",
  logs: "@aws-sdk/client-cloudwatch-logs",
  s3: "@aws-sdk/client-s3",
  sns: "@aws-sdk/client-sns",
  sqs: "@aws-sdk/client-sqs",
  sts: "@aws-sdk/client-sts",
};
