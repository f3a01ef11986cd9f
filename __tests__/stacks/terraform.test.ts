import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { TerraformStack, Testing } from "cdktf";
import { addBlock, forbidSharedAddresses } from "../../stacks/terraform";

function stackWith(...addresses: string[]): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "stack");
  new AwsProvider(stack, "aws");
  forbidSharedAddresses(stack);
  addresses.forEach((address, index) => {
    addBlock(stack, SqsQueue, `queue-${index}`, address, {});
  });
  return stack;
}

test("gives a block the chosen address", () => {
  const { resource } = JSON.parse(Testing.synth(stackWith("events"))) as { resource: object };
  expect(resource).toHaveProperty(["aws_sqs_queue", "events"]);
});

test("makes synth fail if two resources have the same address, and names both", () => {
  expect(() => Testing.synth(stackWith("events", "events"), true)).toThrow(
    /stack\/queue-0 and stack\/queue-1 .*aws_sqs_queue\.events/,
  );
});

test("accepts different addresses", () => {
  expect(() => Testing.synth(stackWith("events", "events_dlq"), true)).not.toThrow();
});
