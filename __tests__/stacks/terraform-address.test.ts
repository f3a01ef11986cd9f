import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { TerraformStack, Testing } from "cdktf";
import { forbidSharedAddresses, pinned } from "../../stacks/terraform-address";

function stackWith(...names: string[]): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "stack");
  new AwsProvider(stack, "aws");
  forbidSharedAddresses(stack);
  names.forEach((name, index) => {
    pinned(new SqsQueue(stack, `queue-${index}`, {}), name);
  });
  return stack;
}

test("an address is what it was pinned to, wherever the construct stands", () => {
  const { resource } = JSON.parse(Testing.synth(stackWith("events"))) as { resource: object };
  expect(resource).toHaveProperty(["aws_sqs_queue", "events"]);
});

test("synth fails when two resources share an address, and names both", () => {
  expect(() => Testing.synth(stackWith("events", "events"), true)).toThrow(
    /aws_sqs_queue\.events is used by both stack\/queue-0 and stack\/queue-1/,
  );
});

test("synth takes different addresses", () => {
  expect(() => Testing.synth(stackWith("events", "events_dlq"), true)).not.toThrow();
});

test("pinning after an attribute was read is refused instead of ignored", () => {
  const queue = new SqsQueue(new TerraformStack(Testing.app(), "stack"), "queue", {});
  queue.arn.toString();
  Testing.synth(queue.cdktfStack);
  expect(() => pinned(queue, "events")).toThrow(/already read as "queue"/);
});
