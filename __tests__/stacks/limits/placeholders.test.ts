import { stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { isKnown, Placeholders, type ReferableBlocks } from "../../../stacks/limits/placeholders";

const REGION = "us-gov-west-1";
/** Placeholder for one character that is known only after an apply. */
const UNKNOWN = "\x7f";
const LONGEST = "x".repeat(40);

const stack = synthStack({ stage: stageWith({ name: LONGEST }) });

function placeholders(json: ReferableBlocks = stack) {
  return new Placeholders(json, REGION);
}

/** Real values in AWS for a pipeline with the longest name. */
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

test.each(Object.entries(REAL))("makes the placeholder of %s at least as long as the real value", (reference, real) => {
  const placeholder = placeholders().expand(`\${${reference}}`);
  expect(placeholder.length).toBeGreaterThanOrEqual(real.length);
  expect(placeholder.length - real.length).toBeLessThan(50);
});

test.each([
  ["${aws_sns_topic.events.name}", `${LONGEST}-events`],
  ["${data.aws_caller_identity.current.account_id}", "123456789012"],
  ["a ${var.name} and ${var.name}", `a ${LONGEST} and ${LONGEST}`],
  ["$${aws:username}", "${aws:username}"],
  ["${other.of.somebody}", UNKNOWN],
  ["${aws_sns_topic.events.owner}", UNKNOWN],
  ['${lookup({"dev" = "a"}, "${other.one}", "b")}-${substr("{}", 0, 1)}', `${UNKNOWN}-${UNKNOWN}`],
  ["%{ if true }a%{ endif }%%{b}", `${UNKNOWN}a${UNKNOWN}%{b}`],
  ["${", "${"],
  ["", ""],
])("expands %j to %j", (text, expected) => expect(placeholders().expand(text)).toBe(expected));

test.each([
  [{ default: "alice" }, "alice-events"],
  [{ default: "" }, `${UNKNOWN}-events`],
  [{ type: "string" }, `${UNKNOWN}-events`],
])("expands the variable %j to its default", (variable, expected) => {
  expect(placeholders({ variable: { name: variable } }).expand("${var.name}-events")).toBe(expected);
});

test("considers a text known if all its expressions are known before an apply", () => {
  expect(isKnown(placeholders().expand("${aws_sns_topic.events.name} $${aws:username}"))).toBe(true);
  for (const unknown of ["${aws_sns_topic.events.arn}", "${aws_sqs_queue.events.url}", "acme-${local.env}"]) {
    expect(isKnown(placeholders().expand(unknown))).toBe(false);
  }
});
