import { synthStack } from "@event-pipeline/testing/synthesized";
import { MOTO_LACKS, newerThan, overriding } from "./overrides";

const STACK = {
  resource: {
    aws_lambda_function: { one: { runtime: "nodejs24.x" }, other: { runtime: "provided.al2023" } },
    aws_sqs_queue: { events: { max_message_size: 1_048_576 }, small: {} },
    aws_sqs_queue_redrive_allow_policy: { events_dlq: { queue_url: "url" } },
  },
} as const;

test("an older provider gets another runtime, and no unsupported size", () => {
  const { resource, changes } = overriding(STACK, newerThan("5.100.0"));
  expect(resource).toEqual({
    aws_lambda_function: { one: { runtime: "nodejs22.x" } },
    aws_sqs_queue: { events: { max_message_size: null } },
  });
  expect(changes).toEqual([
    "aws_lambda_function.one.runtime: nodejs24.x → nodejs22.x; AWS providers before 6.19.0 do not know it",
    expect.stringMatching(/^aws_sqs_queue\.events\.max_message_size: left out; AWS providers before 6\.8\.0/),
  ]);
});

test.each([
  ["5.100.0", 2],
  ["6.7.9", 2],
  ["6.8.0", 1],
  ["6.18.0", 1],
  ["6.19.0", 0],
  ["6.100.0", 0],
  ["10.0.0", 0],
])("AWS provider %s lacks %i of the newer arguments", (version, count) => {
  expect(newerThan(version)).toHaveLength(count);
});

test("resources that moto lacks are removed, so nothing may refer to them", () => {
  const { resource, omitted, changes } = overriding(STACK, MOTO_LACKS);
  expect(resource).toEqual({ aws_sqs_queue_redrive_allow_policy: { events_dlq: { count: 0 } } });
  expect(omitted).toEqual(["aws_sqs_queue_redrive_allow_policy.events_dlq"]);
  expect(changes).toEqual([
    expect.stringMatching(/^aws_sqs_queue_redrive_allow_policy\.events_dlq: left out; moto 5\.2\.1/),
  ]);
  const stack = synthStack();
  for (const address of overriding(stack, MOTO_LACKS).omitted) {
    expect(JSON.stringify(stack)).not.toContain(`\${${address}`);
  }
});
