import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { TerraformStack, Testing } from "cdktf";
import { forbidSharedAddresses, pinned } from "../../stacks/terraform";

function stackWith(...names: string[]): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "stack");
  new AwsProvider(stack, "aws");
  forbidSharedAddresses(stack);
  names.forEach((name, index) => {
    pinned(new SqsQueue(stack, `queue-${index}`, {}), name);
  });
  return stack;
}

test("gives an element the pinned address", () => {
  const { resource } = JSON.parse(Testing.synth(stackWith("events"))) as { resource: object };
  expect(resource).toHaveProperty(["aws_sqs_queue", "events"]);
});

test("fails synth if two resources share an address, and names both", () => {
  expect(() => Testing.synth(stackWith("events", "events"), true)).toThrow(
    /stack\/queue-0 and stack\/queue-1 .*aws_sqs_queue\.events/,
  );
});

test("accepts different addresses", () => {
  expect(() => Testing.synth(stackWith("events", "events_dlq"), true)).not.toThrow();
});

test("rejects pinning after an attribute was read", () => {
  const queue = new SqsQueue(new TerraformStack(Testing.app(), "stack"), "queue", {});
  queue.arn.toString();
  Testing.synth(queue.cdktfStack);
  expect(() => pinned(queue, "events")).toThrow(/"queue"/);
});
