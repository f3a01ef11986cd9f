import { NEW_BUCKET_NAME, NEW_BUCKET_NAME_ALLOWED } from "../options/bucket-name";
import { dashboard, environment, named, policy, type Rule, tags, text } from "./rules";

export interface Limit {
  readonly rule: Rule;
  /** The way out, as a sentence. */
  readonly fix: string;
  /** The argument by which several resources count together. */
  readonly together?: string;
}

const ANOTHER_NAME = "Choose a shorter name.";
const FEWER_PUBLISHERS =
  "Leave some of publisherAccounts and publisherServices out, or let the accounts' organization publish with publisherOrganization.";
const FEWER_STATEMENTS = "Give the subscriber fewer or shorter statements, or Sids of their own.";
const NO_OPTION = "No option of the pipeline leads here: look for what else your code adds to it.";

/**
 * What AWS refuses of the names and documents that a pipeline makes, by resource type and argument. What an option holds
 * alone is checked where the option is; this is for what is made of several.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
 */
export const AWS_LIMITS: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  // https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
  aws_sns_topic: {
    name: { rule: named(/^[\w-]{1,256}$/, "1 to 256 letters, digits, hyphens and underscores"), fix: ANOTHER_NAME },
    tags: { rule: tags(50, 256), fix: "Leave some of topicTags out, or shorten them." },
  },
  aws_sns_topic_policy: {
    policy: { rule: policy({ bytes: 30 * 1_024, statements: 100, principals: 200 }), fix: FEWER_PUBLISHERS },
  },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
  aws_sqs_queue: {
    name: { rule: named(/^[\w-]{1,80}$/, "1 to 80 letters, digits, hyphens and underscores"), fix: ANOTHER_NAME },
  },
  aws_sqs_queue_policy: { policy: { rule: policy({ bytes: 8_192, statements: 20, principals: 50 }), fix: NO_OPTION } },
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  aws_lambda_function: {
    function_name: {
      rule: named(/^[\w-]{1,64}$/, "1 to 64 letters, digits, hyphens and underscores"),
      fix: ANOTHER_NAME,
    },
    "environment.variables": {
      rule: environment(4_096),
      fix: "Keep long values in Systems Manager's Parameter Store, and pass their names.",
    },
  },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  aws_iam_role: {
    name: { rule: named(/^[\w+=,.@-]{1,64}$/, "1 to 64 letters, digits and _+=,.@-"), fix: ANOTHER_NAME },
    assume_role_policy: { rule: policy({ characters: 2_048 }), fix: NO_OPTION },
  },
  aws_iam_role_policy: {
    name: { rule: named(/^[\w+=,.@-]{1,128}$/, "1 to 128 letters, digits and _+=,.@-"), fix: ANOTHER_NAME },
    policy: { rule: policy({ characters: 10_240 }), fix: FEWER_STATEMENTS, together: "role" },
  },
  aws_s3_bucket: {
    bucket: {
      rule: named(NEW_BUCKET_NAME, NEW_BUCKET_NAME_ALLOWED),
      fix: "Set rawBucketName, or choose another name.",
    },
  },
  aws_s3_bucket_policy: { policy: { rule: policy({ bytes: 20 * 1_024 }), fix: NO_OPTION } },
  aws_kinesis_firehose_delivery_stream: {
    name: { rule: named(/^[\w.-]{1,64}$/, "1 to 64 letters, digits and _.-"), fix: ANOTHER_NAME },
  },
  aws_dynamodb_table: {
    name: { rule: named(/^[\w.-]{3,255}$/, "3 to 255 letters, digits and _.-"), fix: ANOTHER_NAME },
  },
  aws_cloudwatch_log_group: {
    name: { rule: named(/^[\w./#-]{1,512}$/, "1 to 512 letters, digits and _-/.#"), fix: ANOTHER_NAME },
  },
  aws_cloudwatch_log_stream: {
    name: { rule: named(/^[^:*]{1,512}$/, "1 to 512 characters without : and *"), fix: ANOTHER_NAME },
  },
  // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
  aws_kms_key: { policy: { rule: policy({ bytes: 32 * 1_024 }), fix: FEWER_PUBLISHERS } },
  aws_kms_alias: {
    name: {
      rule: named(/^alias\/(?!aws\/)[\w/-]{1,250}$/, "alias/ and up to 250 letters, digits and _-/"),
      fix: ANOTHER_NAME,
    },
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  aws_cloudwatch_metric_alarm: {
    alarm_name: { rule: text(255), fix: ANOTHER_NAME },
    alarm_description: { rule: text(1_024), fix: ANOTHER_NAME },
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  aws_cloudwatch_dashboard: {
    dashboard_name: {
      rule: named(/^[\w-]{1,255}$/, "1 to 255 letters, digits, hyphens and underscores"),
      fix: ANOTHER_NAME,
    },
    dashboard_body: {
      rule: dashboard(500),
      fix: "Spread the subscribers over several pipelines, or set monitoring: false.",
    },
  },
  // https://docs.aws.amazon.com/xray/latest/api/API_PutResourcePolicy.html
  aws_xray_resource_policy: {
    policy_name: { rule: named(/^[\w+=,.@-]{1,128}$/, "1 to 128 letters, digits and _+=,.@-"), fix: ANOTHER_NAME },
    policy_document: { rule: policy({ bytes: 5 * 1_024 }), fix: NO_OPTION },
  },
};
