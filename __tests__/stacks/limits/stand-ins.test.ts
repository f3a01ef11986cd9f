import { type StackJson, StandIns } from "../../../stacks/limits/stand-ins";
import { synthStack } from "../../helpers/synthesized";

const REGION = "us-gov-west-1";
const LONGEST = "x".repeat(40);

const stack = synthStack();

function standIns(json: StackJson = stack) {
  return new StandIns(json, REGION);
}

/** As AWS makes them, of the pipeline with the longest name. */
const REAL: Readonly<Record<string, string>> = {
  "aws_sns_topic.events.arn": `arn:aws-us-gov:sns:${REGION}:123456789012:${LONGEST}-events`,
  "aws_sqs_queue.events.arn": `arn:aws-us-gov:sqs:${REGION}:123456789012:${LONGEST}-events-queue`,
  "aws_sqs_queue.events.id": `https://sqs.${REGION}.amazonaws.com/123456789012/${LONGEST}-events-queue`,
  "aws_dynamodb_table.events.arn": `arn:aws-us-gov:dynamodb:${REGION}:123456789012:table/${LONGEST}-events`,
  "aws_kinesis_firehose_delivery_stream.events_raw.arn": `arn:aws-us-gov:firehose:${REGION}:123456789012:deliverystream/${LONGEST}-events-raw`,
  "aws_iam_role.event_processor.arn": `arn:aws-us-gov:iam::123456789012:role/${LONGEST}-event-processor`,
  "aws_cloudwatch_log_group.event_processor.arn": `arn:aws-us-gov:logs:${REGION}:123456789012:log-group:/aws/lambda/${LONGEST}-event-processor`,
  "aws_s3_bucket.events_raw.arn": `arn:aws-us-gov:s3:::${LONGEST}-events-raw`,
};

test.each(Object.entries(REAL))("a stand-in for %s is no shorter than the real one", (reference, real) => {
  const standIn = standIns().expand(`\${${reference}}`);
  expect(standIn.length).toBeGreaterThanOrEqual(real.length);
  expect(standIn.length - real.length).toBeLessThan(50);
});

test.each([
  ["${aws_sns_topic.events.name}", `${LONGEST}-events`],
  ["${data.aws_caller_identity.current.account_id}", "123456789012"],
  ["a ${var.name} and ${var.name}", `a ${LONGEST} and ${LONGEST}`],
  ["$${aws:username}", "${aws:username}"],
  ["${other.of.somebody}", "x"],
  ["${", "${"],
  ["", ""],
])("%j stands for %j", (text, expected) => expect(standIns().expand(text)).toBe(expected));

test("a variable with a default stands for it", () => {
  expect(standIns({ variable: { name: { default: "alice" } } }).expand("${var.name}-events")).toBe("alice-events");
});
