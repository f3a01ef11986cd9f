import { NEW_BUCKET_NAME_ALLOWED, NEW_BUCKET_NAME_PATTERN } from "../options/retention";
import { dashboard, environment, type LimitCheck, maxLength, named, policy, tags } from "./limit-checks";

export interface Limit {
  readonly check: LimitCheck;
  /** Sentence that says how to stay within the limit. */
  readonly fix: string;
  /** The limit applies to the sum over all resources with the same value of this argument, such as `role`. */
  readonly groupBy?: string;
}

const ANOTHER_NAME = "Choose a shorter name.";
const FEWER_PUBLISHERS =
  "Remove some publisherAccounts or publisherServices, or set publisherOrganization instead of publisherAccounts.";
const FEWER_STATEMENTS = "Give the subscriber fewer or shorter statements, and unique Sids.";
const NO_OPTION =
  "No option of the pipeline causes this: check the other resources and statements that your code adds.";

/** Returns the limit for names of letters, digits, underscores and the characters in `more`. */
function nameOf(max: number, more = "-", min = 1): Limit {
  const check = named(new RegExp(`^[\\w${more}]{${min},${max}}$`), `${min} to ${max} letters, digits and _${more}`);
  return { check, fix: ANOTHER_NAME };
}

/**
 * AWS's limits for names and documents, by resource type and argument. They depend on several options, so the schema of
 * a single option cannot check them.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
 */
export const AWS_LIMITS: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  // https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
  aws_sns_topic: {
    name: nameOf(256),
    tags: { check: tags(50, 256), fix: "Remove or shorten some topicTags." },
  },
  aws_sns_topic_policy: {
    policy: { check: policy({ bytes: 30 * 1_024, statements: 100, principals: 200 }), fix: FEWER_PUBLISHERS },
  },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
  aws_sqs_queue: {
    name: nameOf(80),
  },
  aws_sqs_queue_policy: { policy: { check: policy({ bytes: 8_192, statements: 20, principals: 50 }), fix: NO_OPTION } },
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  aws_lambda_function: {
    function_name: nameOf(64),
    "environment.variables": {
      check: environment(4_096),
      fix: "Store long values in Parameter Store, and pass the parameters' names.",
    },
  },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  aws_iam_role: {
    name: nameOf(64, "+=,.@-"),
    assume_role_policy: { check: policy({ characters: 2_048 }), fix: NO_OPTION },
  },
  aws_iam_role_policy: {
    name: nameOf(128, "+=,.@-"),
    policy: { check: policy({ characters: 10_240 }), fix: FEWER_STATEMENTS, groupBy: "role" },
  },
  aws_s3_bucket: {
    bucket: {
      check: named(NEW_BUCKET_NAME_PATTERN, NEW_BUCKET_NAME_ALLOWED),
      fix: "Set rawBucketName, or choose another name.",
    },
  },
  aws_s3_bucket_policy: { policy: { check: policy({ bytes: 20 * 1_024 }), fix: NO_OPTION } },
  aws_kinesis_firehose_delivery_stream: {
    name: nameOf(64, ".-"),
  },
  aws_dynamodb_table: {
    name: nameOf(255, ".-", 3),
  },
  aws_cloudwatch_log_group: {
    name: nameOf(512, "./#-"),
  },
  aws_cloudwatch_log_stream: {
    name: { check: named(/^[^:*]{1,512}$/, "1 to 512 characters without : and *"), fix: ANOTHER_NAME },
  },
  // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
  aws_kms_key: { policy: { check: policy({ bytes: 32 * 1_024 }), fix: FEWER_PUBLISHERS } },
  aws_kms_alias: {
    name: {
      check: named(/^alias\/(?!aws\/)[\w/-]{1,250}$/, "alias/ and up to 250 letters, digits and _-/"),
      fix: ANOTHER_NAME,
    },
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  aws_cloudwatch_metric_alarm: {
    alarm_name: { check: maxLength(255), fix: ANOTHER_NAME },
    alarm_description: { check: maxLength(1_024), fix: ANOTHER_NAME },
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  aws_cloudwatch_dashboard: {
    dashboard_name: nameOf(255),
    dashboard_body: {
      check: dashboard(500),
      fix: "Split the subscribers between several pipelines, or set monitoring to false.",
    },
  },
  // https://docs.aws.amazon.com/xray/latest/api/API_PutResourcePolicy.html
  aws_xray_resource_policy: {
    policy_name: nameOf(128, "+=,.@-"),
    policy_document: { check: policy({ bytes: 5 * 1_024 }), fix: NO_OPTION },
  },
};
