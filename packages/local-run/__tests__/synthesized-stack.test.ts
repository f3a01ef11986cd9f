import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { stackFolder } from "@event-pipeline/testing/local-run";
import { at } from "@event-pipeline/testing/synthesized";
import { computedAttributes } from "../resources/resources";

const CONTEXT = { endpoint: "http://127.0.0.1:1", region: "us-east-1", accountId: "000000000000" };

function read(edit?: Parameters<typeof stackFolder>[0]): SynthesizedStack {
  return SynthesizedStack.read(stackFolder(edit), {
    variables: { name: "alice" },
    attributeOf: (block, attribute) => computedAttributes(block, CONTEXT)[attribute],
  });
}

function block(stack: SynthesizedStack, address: string) {
  const found = stack.blocks.find((candidate) => candidate.address === address);
  if (!found) throw new Error(`no ${address}`);
  return found;
}

test("resolves references to the local resources", () => {
  const stack = read();
  const subscription = block(stack, "aws_sns_topic_subscription.sqs");
  expect(subscription.get("topic_arn")).toBe("arn:aws:sns:us-east-1:000000000000:alice-events");
  expect(subscription.get("endpoint")).toBe("arn:aws:sqs:us-east-1:000000000000:alice-events-queue");
  expect(stack.outputs()).toMatchObject({ queue_url: "http://127.0.0.1:1/000000000000/alice-events-queue" });
});

test("leaves an escaped template as text", () => {
  const stack = read((json) => {
    at(json, "aws_sns_topic.events").display_name = "$${var.name} %%{if}";
  });
  expect(block(stack, "aws_sns_topic.events").get("display_name")).toBe("${var.name} %{if}");
});

test("names an unsupported expression and its address", () => {
  const stack = read((json) => {
    at(json, "aws_sns_topic.events").name = "${upper(var.name)}";
  });
  expect(() => block(stack, "aws_sns_topic.events").get("name")).toThrow(
    "aws_sns_topic.events contains the expression ${upper(var.name)}.",
  );
});

test("rejects an invalid name with the message of the stack's rule", () => {
  expect(() => SynthesizedStack.read(stackFolder(), { variables: { name: "Alice" } })).toThrow(
    /--name is "Alice".*lowercase letters/s,
  );
});

test("rejects a reserved name, and accepts a name that only starts with a reserved one", () => {
  const read = (name: string) => SynthesizedStack.read(stackFolder(), { variables: { name } });
  expect(() => read("sthree-events")).toThrow(/--name is "sthree-events".*S3 reserves/s);
  expect(block(read("sthreefold"), "aws_sns_topic.events").get("name")).toBe("sthreefold-events");
});

test("names the command that synthesizes a missing stack", () => {
  expect(() => SynthesizedStack.read(mkdtempSync(join(tmpdir(), "empty-")), { variables: { name: "alice" } })).toThrow(
    /npm run synth/,
  );
});

test.each([
  [undefined, {}, "local-events"],
  ["alice", {}, "alice-events"],
  [undefined, { name: "bob" }, "bob-events"],
])("names the topic for the option name %s and the variables %j: %s", (name, variables, topic) => {
  const stack = SynthesizedStack.read(
    stackFolder((json) => {
      Object.assign(json.variable.name ?? {}, name && { default: name });
    }),
    { variables, unsetVariables: { name: "local" } },
  );
  expect(block(stack, "aws_sns_topic.events").get("name")).toBe(topic);
});
