import { OWN_ACCOUNT, REGION } from "./account";
import { ORGANIZATION, STRANGER_ACCOUNT } from "./callers";
import {
  FOR_OTHER_TOPIC,
  FOR_TOPIC,
  FROM_OTHER_TOPIC,
  FROM_TOPIC,
  forAccount,
  PLAIN,
  type Row,
  TLS,
  TOPIC_ARN,
  via,
} from "./row";

const TOPIC = "aws_sns_topic.events";
const KEY = "aws_kms_key.events";
const PROCESSOR = "aws_iam_role.event_processor";
const ALERTS = "aws_iam_role.alerts_processor";
const STREAM_ROLE = "aws_iam_role.firehose_s3";
const LOGS_ROLE = "aws_iam_role.sns_logs";
const DELIVERIES = "aws_cloudwatch_log_group.sns_deliveries :log-stream:1";
const FAILED_DELIVERIES = "aws_cloudwatch_log_group.sns_failed_deliveries :log-stream:1";

const IN_ORGANIZATION = { "aws:PrincipalOrgID": ORGANIZATION };
const IN_ANOTHER = { "aws:PrincipalOrgID": "o-zzzzzzzzzz" };
const logsOf = (account: string) => ({
  ...TLS,
  "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${REGION}:${account}:log-group:/aws/lambda/alice-event-processor`,
});

const PUBLISHER_ROWS: readonly Row[] = [
  ["partner", "sns:Publish", TOPIC, TLS, "allowed"],
  ["partner", "sns:Publish", TOPIC, PLAIN, "denied"],
  ["partner", "sns:Subscribe", TOPIC, TLS, "denied"],
  ["partner without policies", "sns:Publish", TOPIC, TLS, "denied"],
  ["member", "sns:Publish", TOPIC, { ...TLS, ...IN_ORGANIZATION }, "allowed"],
  ["member", "sns:Publish", TOPIC, { ...TLS, ...IN_ANOTHER }, "denied"],
  ["member without policies", "sns:Publish", TOPIC, { ...TLS, ...IN_ORGANIZATION }, "denied"],
  ["S3", "sns:Publish", TOPIC, forAccount(OWN_ACCOUNT), "allowed"],
  ["S3", "sns:Publish", TOPIC, forAccount(STRANGER_ACCOUNT), "denied"],
  ["EventBridge", "sns:Publish", TOPIC, TLS, "allowed"],
  ["EventBridge", "sns:Publish", TOPIC, PLAIN, "denied"],
  ["EventBridge", "sns:Subscribe", TOPIC, TLS, "denied"],

  ["partner", "kms:GenerateDataKey", KEY, via("sns"), "allowed"],
  ["partner", "kms:Decrypt", KEY, via("sns"), "allowed"],
  ["partner", "kms:Decrypt", KEY, TLS, "denied"],
  ["partner", "kms:Decrypt", KEY, via("sqs"), "denied"],
  ["partner", "kms:Decrypt", KEY, via("sns", "eu-west-1"), "denied"],
  ["partner", "kms:ScheduleKeyDeletion", KEY, via("sns"), "denied"],
  ["partner without policies", "kms:Decrypt", KEY, via("sns"), "denied"],
  ["member", "kms:GenerateDataKey", KEY, { ...via("sns"), ...IN_ORGANIZATION }, "allowed"],
  ["member", "kms:Decrypt", KEY, { ...via("sns"), ...IN_ORGANIZATION }, "allowed"],
  ["member", "kms:Decrypt", KEY, { ...TLS, ...IN_ORGANIZATION }, "denied"],
  ["member", "kms:Decrypt", KEY, { ...via("sns"), ...IN_ANOTHER }, "denied"],
  ["S3", "kms:GenerateDataKey", KEY, forAccount(OWN_ACCOUNT), "allowed"],
  ["S3", "kms:Decrypt", KEY, forAccount(OWN_ACCOUNT), "allowed"],
  ["S3", "kms:Decrypt", KEY, forAccount(STRANGER_ACCOUNT), "denied"],
  ["EventBridge", "kms:GenerateDataKey", KEY, FOR_TOPIC, "allowed"],
  ["EventBridge", "kms:Decrypt", KEY, FOR_TOPIC, "allowed"],
  ["EventBridge", "kms:Decrypt", KEY, FOR_OTHER_TOPIC, "denied"],
  ["EventBridge", "kms:Decrypt", KEY, TLS, "denied"],
];

const KEY_ROWS: readonly Row[] = [
  ["administrator", "kms:ScheduleKeyDeletion", KEY, TLS, "allowed"],
  ["administrator", "kms:Decrypt", KEY, TLS, "allowed"],
  ["identity without policies", "kms:Decrypt", KEY, TLS, "denied"],
  ["stranger", "kms:Decrypt", KEY, via("sns"), "denied"],
  ["SNS", "kms:Decrypt", KEY, forAccount(OWN_ACCOUNT), "allowed"],
  ["SNS", "kms:GenerateDataKey", KEY, forAccount(OWN_ACCOUNT), "allowed"],
  ["SNS", "kms:Decrypt", KEY, forAccount(STRANGER_ACCOUNT), "denied"],
  [PROCESSOR, "kms:Decrypt", KEY, via("sqs"), "allowed"],
  [PROCESSOR, "kms:GenerateDataKey", KEY, via("sqs"), "allowed"],
  [PROCESSOR, "kms:Decrypt", KEY, via("dynamodb"), "allowed"],
  [PROCESSOR, "kms:GenerateDataKey", KEY, via("dynamodb"), "denied"],
  [PROCESSOR, "kms:Decrypt", KEY, TLS, "denied"],
  [PROCESSOR, "kms:Decrypt", KEY, via("s3"), "denied"],
  [PROCESSOR, "kms:GenerateDataKey", KEY, TLS, "denied"],
  [PROCESSOR, "kms:Encrypt", KEY, via("sqs"), "denied"],
  [ALERTS, "kms:Decrypt", KEY, via("sqs"), "allowed"],
  [ALERTS, "kms:GenerateDataKey", KEY, via("sqs"), "denied"],
  [ALERTS, "kms:Decrypt", KEY, TLS, "denied"],
  [ALERTS, "kms:Decrypt", KEY, via("dynamodb"), "denied"],
  [STREAM_ROLE, "kms:Decrypt", KEY, via("s3"), "allowed"],
  [STREAM_ROLE, "kms:GenerateDataKey", KEY, via("s3"), "allowed"],
  [STREAM_ROLE, "kms:Decrypt", KEY, via("sqs"), "denied"],
  [STREAM_ROLE, "kms:Decrypt", KEY, TLS, "denied"],
  ...[
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ].map((action): Row => ["CloudWatch Logs", action, KEY, logsOf(OWN_ACCOUNT), "allowed"]),
  ["CloudWatch Logs", "kms:Decrypt", KEY, logsOf(STRANGER_ACCOUNT), "denied"],
  ["CloudWatch Logs", "kms:CreateGrant", KEY, logsOf(OWN_ACCOUNT), "denied"],
  ["CloudWatch Logs elsewhere", "kms:Decrypt", KEY, logsOf(OWN_ACCOUNT), "denied"],
];

const TRACE_AND_LOG_ROWS: readonly Row[] = [
  ["SNS", "xray:PutTraceSegments", "*", FROM_TOPIC, "allowed"],
  ["SNS", "xray:GetSamplingRules", "*", FROM_TOPIC, "allowed"],
  ["SNS", "xray:GetSamplingTargets", "*", FROM_TOPIC, "allowed"],
  ["SNS", "xray:PutTraceSegments", "*", FROM_OTHER_TOPIC, "denied"],
  ["SNS", "xray:PutTraceSegments", "*", { ...forAccount(STRANGER_ACCOUNT), "aws:SourceArn": TOPIC_ARN }, "denied"],
  [PROCESSOR, "xray:PutTraceSegments", "*", TLS, "allowed"],
  [PROCESSOR, "xray:PutTelemetryRecords", "*", TLS, "allowed"],
  [PROCESSOR, "xray:GetTraceSummaries", "*", TLS, "denied"],
  [ALERTS, "xray:PutTraceSegments", "*", TLS, "allowed"],
  [ALERTS, "xray:PutTelemetryRecords", "*", TLS, "allowed"],
  [LOGS_ROLE, "logs:CreateLogStream", DELIVERIES, TLS, "allowed"],
  [LOGS_ROLE, "logs:PutLogEvents", DELIVERIES, TLS, "allowed"],
  [LOGS_ROLE, "logs:PutLogEvents", FAILED_DELIVERIES, TLS, "allowed"],
  [LOGS_ROLE, "logs:PutLogEvents", "aws_cloudwatch_log_group.event_processor :log-stream:1", TLS, "denied"],
  ["SNS", "sts:AssumeRole", LOGS_ROLE, forAccount(OWN_ACCOUNT), "allowed"],
  ["SNS", "sts:AssumeRole", LOGS_ROLE, forAccount(STRANGER_ACCOUNT), "denied"],
];

/** Rows for a stack that sets every option about access. */
export const OPTION_ROWS: readonly Row[] = [...PUBLISHER_ROWS, ...KEY_ROWS, ...TRACE_AND_LOG_ROWS];
