import { allows, grants, type Policy } from "./policy";

const QUEUE = "arn:aws:sqs:us-east-1:123456789012:q";
const TOPIC = "arn:aws:sns:us-east-1:123456789012:t";

const FROM_TOPIC: Policy = {
  Statement: {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: QUEUE,
    Condition: { ArnEquals: { "aws:SourceArn": TOPIC } },
  },
};
const SEND = {
  action: "sqs:SendMessage",
  resource: QUEUE,
  principal: { Service: "sns.amazonaws.com" },
  context: { "aws:SourceArn": TOPIC },
} as const;

describe("what policies allow", () => {
  test("the request that a statement is about", () => expect(allows([FROM_TOPIC], SEND)).toBe(true));

  test.each([
    ["without a policy", []],
    ["of another effect", [{ Statement: [{ ...FROM_TOPIC.Statement, Effect: "Deny" as const }] }]],
  ])("nothing %s", (_, policies) => expect(allows(policies as Policy[], SEND)).toBe(false));

  test.each([
    ["another action", { action: "sqs:ReceiveMessage" }],
    ["another resource", { resource: `${QUEUE}2` }],
    ["another principal", { principal: { Service: "s3.amazonaws.com" } }],
    ["another source", { context: { "aws:SourceArn": `${TOPIC}2` } }],
    ["no source at all", { context: {} }],
  ])("not %s", (_, other) => expect(allows([FROM_TOPIC], { ...SEND, ...other })).toBe(false));

  test("wildcards, of actions and of resources", () => {
    const wide: Policy = { Statement: { Effect: "Allow", Action: "SQS:Send*", Resource: "arn:aws:sqs:*:*:?" } };
    expect(allows([wide], SEND)).toBe(true);
    expect(allows([wide], { ...SEND, resource: `${QUEUE}2` })).toBe(false);
  });

  test("no dot of a pattern as any character", () => {
    const dotted: Policy = { Statement: { Effect: "Allow", Action: "sqs:SendMessage", Resource: "a.b" } };
    expect(allows([dotted], { ...SEND, resource: "axb" })).toBe(false);
  });

  test("less by a Deny, when its condition holds", () => {
    const insecure = (value: string): Policy => ({
      Statement: {
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: QUEUE,
        Condition: { Bool: { "aws:SecureTransport": value } },
      },
    });
    expect(allows([FROM_TOPIC, insecure("false")], SEND)).toBe(true);
    expect(allows([FROM_TOPIC, insecure("true")], SEND)).toBe(false);
  });

  test("an error for a condition that the harness does not know", () => {
    const dated: Policy = {
      Statement: {
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: QUEUE,
        Condition: { DateLessThan: { "aws:CurrentTime": "2030-01-01T00:00:00Z" } },
      },
    };
    expect(() => allows([dated], SEND)).toThrow(/condition DateLessThan; known are/);
  });
});

test("grants are every pair of action and resource, Allow only", () => {
  const policy: Policy = {
    Statement: [
      { Effect: "Allow", Action: ["a:One", "a:Two"], Resource: ["x", "y"] },
      { Effect: "Deny", Action: "a:Three", Resource: "x" },
    ],
  };
  expect(grants([policy]).map(({ action, resource }) => `${action} ${resource}`)).toEqual([
    "a:One x",
    "a:One y",
    "a:Two x",
    "a:Two y",
  ]);
});
