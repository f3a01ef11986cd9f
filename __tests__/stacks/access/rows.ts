import { OWN_ACCOUNT } from "./account";
import { ORGANIZATION, STRANGER_ACCOUNT } from "./callers";
import { FROM_OTHER_TOPIC, FROM_TOPIC, forAccount, PLAIN, type Row, TLS } from "./row";

const TOPIC = "aws_sns_topic.events";
const ALARMS = "aws_sns_topic.alarms";
const QUEUE = "aws_sqs_queue.events";
const DEAD_LETTERS = "aws_sqs_queue.events_dlq";
const UNDELIVERED = "aws_sqs_queue.events_undelivered";
const TABLE = "aws_dynamodb_table.events";
const BUCKET = "aws_s3_bucket.events_raw";
const STREAM = "aws_kinesis_firehose_delivery_stream.events_raw";
const STREAM_LOGS = "aws_cloudwatch_log_group.events_raw :log-stream:S3Delivery";
const PROCESSOR = "aws_iam_role.event_processor";
const PROCESSOR_LOGS = "aws_cloudwatch_log_group.event_processor :log-stream:2026/11/27/[$LATEST]1";
const STREAM_ROLE = "aws_iam_role.firehose_s3";
const SUBSCRIPTION_ROLE = "aws_iam_role.sns_firehose";

/** Rows for every stage. */
export const ROWS: readonly Row[] = [
  ["administrator", "sns:Publish", TOPIC, TLS, "allowed"],
  ["administrator", "sns:Publish", TOPIC, PLAIN, "denied"],
  ["administrator", "sns:Subscribe", TOPIC, TLS, "allowed"],
  ["identity without policies", "sns:Publish", TOPIC, TLS, "denied"],
  ["stranger", "sns:Publish", TOPIC, TLS, "denied"],
  ["stranger", "sns:Subscribe", TOPIC, TLS, "denied"],
  ["anonymous", "sns:Publish", TOPIC, TLS, "denied"],
  ["CloudWatch alarms", "sns:Publish", TOPIC, forAccount(OWN_ACCOUNT), "denied"],

  ["CloudWatch alarms", "sns:Publish", ALARMS, forAccount(OWN_ACCOUNT), "allowed"],
  ["CloudWatch alarms", "sns:Publish", ALARMS, forAccount(STRANGER_ACCOUNT), "denied"],
  ["CloudWatch alarms", "sns:Publish", ALARMS, { ...forAccount(OWN_ACCOUNT), ...PLAIN }, "denied"],
  ["EventBridge", "sns:Publish", ALARMS, TLS, "denied"],
  ["administrator", "sns:Publish", ALARMS, TLS, "allowed"],

  ["SNS", "sqs:SendMessage", QUEUE, FROM_TOPIC, "allowed"],
  ["SNS", "sqs:SendMessage", QUEUE, FROM_OTHER_TOPIC, "denied"],
  ["SNS", "sqs:ReceiveMessage", QUEUE, FROM_TOPIC, "denied"],
  ["S3", "sqs:SendMessage", QUEUE, FROM_TOPIC, "denied"],
  ["stranger", "sqs:SendMessage", QUEUE, FROM_TOPIC, "denied"],
  ["administrator", "sqs:ReceiveMessage", QUEUE, TLS, "allowed"],
  ["administrator", "sqs:ReceiveMessage", QUEUE, PLAIN, "denied"],
  ["SNS", "sqs:SendMessage", UNDELIVERED, FROM_TOPIC, "allowed"],
  ["SNS", "sqs:SendMessage", UNDELIVERED, FROM_OTHER_TOPIC, "denied"],
  ["administrator", "sqs:ReceiveMessage", UNDELIVERED, TLS, "allowed"],
  ["administrator", "sqs:ReceiveMessage", UNDELIVERED, PLAIN, "denied"],
  ["SNS", "sqs:SendMessage", DEAD_LETTERS, FROM_TOPIC, "denied"],
  ["administrator", "sqs:ReceiveMessage", DEAD_LETTERS, TLS, "allowed"],
  ["administrator", "sqs:ReceiveMessage", DEAD_LETTERS, PLAIN, "denied"],

  [PROCESSOR, "sqs:ReceiveMessage", QUEUE, TLS, "allowed"],
  [PROCESSOR, "sqs:DeleteMessage", QUEUE, TLS, "allowed"],
  [PROCESSOR, "sqs:GetQueueAttributes", QUEUE, TLS, "allowed"],
  [PROCESSOR, "sqs:SendMessage", QUEUE, TLS, "denied"],
  [PROCESSOR, "sqs:SendMessage", DEAD_LETTERS, TLS, "allowed"],
  [PROCESSOR, "sqs:SendMessage", DEAD_LETTERS, PLAIN, "denied"],
  [PROCESSOR, "sqs:ReceiveMessage", DEAD_LETTERS, TLS, "denied"],
  [PROCESSOR, "sqs:ReceiveMessage", UNDELIVERED, TLS, "denied"],
  [PROCESSOR, "dynamodb:BatchWriteItem", TABLE, TLS, "allowed"],
  [PROCESSOR, "dynamodb:PutItem", TABLE, TLS, "denied"],
  [PROCESSOR, "dynamodb:GetItem", TABLE, TLS, "denied"],
  [PROCESSOR, "dynamodb:DeleteTable", TABLE, TLS, "denied"],
  [PROCESSOR, "sns:Publish", TOPIC, TLS, "denied"],
  [PROCESSOR, "s3:GetObject", `${BUCKET} /raw/1.gz`, TLS, "denied"],
  [PROCESSOR, "logs:CreateLogStream", PROCESSOR_LOGS, TLS, "allowed"],
  [PROCESSOR, "logs:PutLogEvents", PROCESSOR_LOGS, TLS, "allowed"],
  [PROCESSOR, "logs:CreateLogGroup", "aws_cloudwatch_log_group.event_processor", TLS, "denied"],
  [PROCESSOR, "logs:PutLogEvents", STREAM_LOGS, TLS, "denied"],
  ["Lambda", "sts:AssumeRole", PROCESSOR, TLS, "allowed"],
  ["SNS", "sts:AssumeRole", PROCESSOR, forAccount(OWN_ACCOUNT), "denied"],
  ["administrator", "sts:AssumeRole", PROCESSOR, TLS, "denied"],

  [STREAM_ROLE, "s3:GetBucketLocation", BUCKET, TLS, "allowed"],
  [STREAM_ROLE, "s3:ListBucket", BUCKET, TLS, "allowed"],
  [STREAM_ROLE, "s3:ListBucketMultipartUploads", BUCKET, TLS, "allowed"],
  [STREAM_ROLE, "s3:PutObject", `${BUCKET} /raw/1.gz`, TLS, "allowed"],
  [STREAM_ROLE, "s3:PutObject", `${BUCKET} /raw/1.gz`, PLAIN, "denied"],
  [STREAM_ROLE, "s3:GetObject", `${BUCKET} /raw/1.gz`, TLS, "allowed"],
  [STREAM_ROLE, "s3:AbortMultipartUpload", `${BUCKET} /raw/1.gz`, TLS, "allowed"],
  [STREAM_ROLE, "s3:DeleteObject", `${BUCKET} /raw/1.gz`, TLS, "denied"],
  [STREAM_ROLE, "s3:DeleteBucket", BUCKET, TLS, "denied"],
  [STREAM_ROLE, "logs:PutLogEvents", STREAM_LOGS, TLS, "allowed"],
  [STREAM_ROLE, "logs:PutLogEvents", PROCESSOR_LOGS, TLS, "denied"],
  ["Firehose", "sts:AssumeRole", STREAM_ROLE, forAccount(OWN_ACCOUNT), "allowed"],
  ["Firehose", "sts:AssumeRole", STREAM_ROLE, forAccount(STRANGER_ACCOUNT), "denied"],
  ["Firehose", "sts:AssumeRole", STREAM_ROLE, TLS, "denied"],
  ["SNS", "sts:AssumeRole", STREAM_ROLE, forAccount(OWN_ACCOUNT), "denied"],
  ["administrator", "s3:ListBucket", BUCKET, TLS, "allowed"],
  ["administrator", "s3:ListBucket", BUCKET, PLAIN, "denied"],
  ["administrator", "s3:GetObject", `${BUCKET} /raw/1.gz`, TLS, "allowed"],
  ["administrator", "s3:GetObject", `${BUCKET} /raw/1.gz`, PLAIN, "denied"],
  ["stranger", "s3:GetObject", `${BUCKET} /raw/1.gz`, TLS, "denied"],
  ["member", "s3:GetObject", `${BUCKET} /raw/1.gz`, { ...TLS, "aws:PrincipalOrgID": ORGANIZATION }, "denied"],
  ["anonymous", "s3:GetObject", `${BUCKET} /raw/1.gz`, TLS, "denied"],

  [SUBSCRIPTION_ROLE, "firehose:PutRecord", STREAM, TLS, "allowed"],
  [SUBSCRIPTION_ROLE, "firehose:PutRecordBatch", STREAM, TLS, "allowed"],
  [SUBSCRIPTION_ROLE, "firehose:DescribeDeliveryStream", STREAM, TLS, "allowed"],
  [SUBSCRIPTION_ROLE, "firehose:ListDeliveryStreams", STREAM, TLS, "allowed"],
  [SUBSCRIPTION_ROLE, "firehose:ListTagsForDeliveryStream", STREAM, TLS, "allowed"],
  [SUBSCRIPTION_ROLE, "firehose:DeleteDeliveryStream", STREAM, TLS, "denied"],
  [SUBSCRIPTION_ROLE, "s3:PutObject", `${BUCKET} /raw/1.gz`, TLS, "denied"],
  ["SNS", "sts:AssumeRole", SUBSCRIPTION_ROLE, forAccount(OWN_ACCOUNT), "allowed"],
  ["SNS", "sts:AssumeRole", SUBSCRIPTION_ROLE, forAccount(STRANGER_ACCOUNT), "denied"],
  ["Firehose", "sts:AssumeRole", SUBSCRIPTION_ROLE, forAccount(OWN_ACCOUNT), "denied"],
];

const ALERTS = "aws_iam_role.alerts_processor";
const ALERTS_QUEUE = "aws_sqs_queue.alerts";
const ALERTS_DEAD_LETTERS = "aws_sqs_queue.alerts_dlq";
const ALERTS_LOGS = "aws_cloudwatch_log_group.alerts_processor :log-stream:2026/11/27/[$LATEST]1";

/** Rows for a stage with the subscriber `alerts`. */
export const SUBSCRIBER_ROWS: readonly Row[] = [
  ["SNS", "sqs:SendMessage", ALERTS_QUEUE, FROM_TOPIC, "allowed"],
  ["SNS", "sqs:SendMessage", ALERTS_QUEUE, FROM_OTHER_TOPIC, "denied"],
  ["administrator", "sqs:ReceiveMessage", ALERTS_QUEUE, TLS, "allowed"],
  ["administrator", "sqs:ReceiveMessage", ALERTS_QUEUE, PLAIN, "denied"],
  ["administrator", "sqs:ReceiveMessage", ALERTS_DEAD_LETTERS, TLS, "allowed"],
  ["administrator", "sqs:ReceiveMessage", ALERTS_DEAD_LETTERS, PLAIN, "denied"],
  [ALERTS, "sqs:ReceiveMessage", ALERTS_QUEUE, TLS, "allowed"],
  [ALERTS, "sqs:DeleteMessage", ALERTS_QUEUE, TLS, "allowed"],
  [ALERTS, "sqs:GetQueueAttributes", ALERTS_QUEUE, TLS, "allowed"],
  [ALERTS, "sqs:SendMessage", ALERTS_DEAD_LETTERS, TLS, "denied"],
  [ALERTS, "sqs:ReceiveMessage", QUEUE, TLS, "denied"],
  [ALERTS, "dynamodb:BatchWriteItem", TABLE, TLS, "denied"],
  [ALERTS, "logs:CreateLogStream", ALERTS_LOGS, TLS, "allowed"],
  [ALERTS, "logs:PutLogEvents", ALERTS_LOGS, TLS, "allowed"],
  ["Lambda", "sts:AssumeRole", ALERTS, TLS, "allowed"],
  ["stranger", "sts:AssumeRole", ALERTS, TLS, "denied"],
];

/** Rows for a stage that allows no other publishers. */
export const CLOSED_ROWS: readonly Row[] = [
  ["partner", "sns:Publish", TOPIC, TLS, "denied"],
  ["member", "sns:Publish", TOPIC, { ...TLS, "aws:PrincipalOrgID": ORGANIZATION }, "denied"],
  ["S3", "sns:Publish", TOPIC, forAccount(OWN_ACCOUNT), "denied"],
  ["EventBridge", "sns:Publish", TOPIC, TLS, "denied"],
];
