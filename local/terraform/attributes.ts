import type { Block } from "./stack-json";

/** What computed attributes depend on beyond the stack itself. */
export interface Surroundings {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** The attributes that a provider computes and the arguments do not hold. */
export function computedAttributes(block: Block, around: Surroundings): Readonly<Record<string, string>> {
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${around.region}:${around.accountId}:${resource}`;
  switch (block.type) {
    case "aws_sns_topic": {
      const topicArn = arn("sns", String(block.get("name")));
      return { arn: topicArn, id: topicArn };
    }
    case "aws_sqs_queue": {
      const url = `${around.endpoint}/${around.accountId}/${block.get("name")}`;
      return { arn: arn("sqs", String(block.get("name"))), id: url, url };
    }
    case "aws_dynamodb_table":
      return { arn: arn("dynamodb", `table/${block.get("name")}`), id: String(block.get("name")) };
    case "aws_s3_bucket":
      return { arn: `arn:aws:s3:::${block.get("bucket")}`, id: String(block.get("bucket")) };
    case "aws_kinesis_firehose_delivery_stream":
      return { arn: arn("firehose", `deliverystream/${block.get("name")}`) };
    case "aws_lambda_function":
      return { arn: arn("lambda", `function:${block.get("function_name")}`) };
    case "aws_caller_identity":
      return { account_id: around.accountId };
    case "aws_iam_role":
      return { arn: `arn:aws:iam::${around.accountId}:role/${block.get("name")}`, id: String(block.get("name")) };
    default:
      return {};
  }
}
