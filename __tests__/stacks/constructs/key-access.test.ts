import { decide } from "@event-pipeline/iam-policy/decide";
import type { Policy } from "@event-pipeline/iam-policy/policy";
import { PROJECT_ROOT, stageWith } from "@event-pipeline/testing/synthesized";
import { Testing } from "cdktf";
import fc from "fast-check";
import { useKeyStatements } from "../../../stacks/constructs/key-access";
import { EventPipelineStack } from "../../../stacks/event-pipeline-stack";

const KEY = "arn:aws:kms:us-east-1:111111111111:key/1";

/** Returns the KMS actions that a role with the given permissions may use, each with the service that calls KMS. */
function uses(calls: readonly string[]): string[] {
  const statements = [{ Effect: "Allow", Action: calls }] as const;
  const policy: Policy = { Version: "2012-10-17", Statement: useKeyStatements([KEY], "us-east-1", statements) };
  const delegates: Policy = {
    Statement: { Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "kms:*", Resource: "*" },
  };
  return ["sqs", "dynamodb", "s3", "sns", undefined].flatMap((service) =>
    ["kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant"]
      .filter(
        (action) =>
          decide({
            caller: { arn: "arn:aws:iam::111111111111:role/r", policies: [policy] },
            action,
            resource: { arn: KEY, policies: [delegates] },
            context: service === undefined ? {} : { "kms:ViaService": `${service}.us-east-1.amazonaws.com` },
          }).allowed,
      )
      .map((action) => `${service} ${action}`),
  );
}

test.each([
  [["sqs:ReceiveMessage"], ["sqs kms:Decrypt"]],
  [["sqs:SendMessage"], ["sqs kms:Decrypt", "sqs kms:GenerateDataKey"]],
  [["dynamodb:BatchWriteItem"], ["dynamodb kms:Decrypt"]],
  [
    ["DynamoDB:query", "s3:Get*"],
    ["dynamodb kms:Decrypt", "s3 kms:Decrypt"],
  ],
  [["sns:*"], ["sns kms:Decrypt", "sns kms:GenerateDataKey"]],
  [
    ["s3:PutObject", "logs:PutLogEvents"],
    ["s3 kms:Decrypt", "s3 kms:GenerateDataKey"],
  ],
  [["sqs:DeleteMessage", "sqs:GetQueueAttributes", "dynamodb:DescribeTable", "s3:ListBucket", "ec2:*"], []],
])("lets a role that may call %j use %j", (calls, expected) => expect(uses(calls)).toEqual(expected));

test("never lets a role use the key directly", () => {
  expect(uses(["*"]).map((use) => use.split(" ")[0])).not.toContain("undefined");
  expect(uses(["*"])).toHaveLength(7);
});

test("allows more uses of the key with each allowed call", () => {
  const call = fc.constantFrom(
    "sqs:*",
    "sqs:ReceiveMessage",
    "dynamodb:PutItem",
    "s3:GetObject?",
    "s3:*",
    "*",
    "kms:*",
  );
  fc.assert(
    fc.property(fc.array(call, { maxLength: 4 }), call, (calls, more) => {
      const [before, after] = [uses(calls), uses([...calls, more])];
      expect(after).toEqual(expect.arrayContaining(before));
      expect(after.filter((use) => use.startsWith("undefined"))).toEqual([]);
    }),
  );
});

test("returns no statement without a key", () => {
  expect(useKeyStatements([], "us-east-1", [{ Effect: "Allow", Action: "*" }])).toEqual([]);
});

test("ignores denied calls", () => {
  const statements = [
    { Effect: "Deny", Action: ["s3:GetObject"], Resource: "*" },
    { Effect: "Allow", Action: "sqs:ReceiveMessage", Resource: "*" },
  ] as const;
  expect(useKeyStatements([KEY], "us-east-1", statements)).toMatchObject([{ Sid: "UseKeyThroughSqs" }]);
});

test("lets a subscriber that stores events use the key through DynamoDB", () => {
  const stack = new EventPipelineStack(Testing.app(), "event-pipeline", {
    projectRoot: PROJECT_ROOT,
    stage: stageWith({ kmsKey: "create" }),
  });
  const { pipeline } = stack;
  pipeline.addQueueSubscriber("copies", {
    handlerPath: `${PROJECT_ROOT}/dist/lambda/copies`,
    statements: [pipeline.table.writeStatement()],
  });
  const { resource } = JSON.parse(Testing.synth(stack)) as {
    resource: { aws_iam_role_policy: Record<string, { role: string; policy: string }> };
  };
  const policies = Object.values(resource.aws_iam_role_policy)
    .filter(({ role }) => role.includes("aws_iam_role.copies_processor."))
    .map(({ policy }) => policy)
    .join();
  expect(policies).toContain('"kms:ViaService":"dynamodb.us-east-1.amazonaws.com"');
});
