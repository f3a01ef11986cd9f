import { at, synthStack } from "@event-pipeline/testing/synthesized";
import fc from "fast-check";
import { differences } from "./differences";

const json = fc.jsonValue({ maxDepth: 4 });

test("a value equals its copy, and a copy with its keys in another order", () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, inner]) => [key, reversed(inner)]),
    );
  };
  fc.assert(
    fc.property(json, (value) => {
      expect(differences(value, structuredClone(value))).toEqual([]);
      expect(differences(value, reversed(value))).toEqual([]);
    }),
  );
});

test("two values differ exactly where their JSON differs", () => {
  const text = (value: unknown) => JSON.stringify(value, (_, inner) => (Object.is(inner, -0) ? 0 : inner));
  fc.assert(
    fc.property(json, json, (before, after) => {
      fc.pre(text(before) !== text(after));
      expect(differences({ value: before }, { value: after })).not.toEqual([]);
    }),
  );
});

/** Every leaf of a JSON value, as a path. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

test("every changed, added and removed attribute of the stack is found", () => {
  const stack = synthStack();
  const places = leaves(stack);
  expect(places.length).toBeGreaterThan(300);
  for (const place of places) {
    const changed = structuredClone(stack) as unknown as Record<string, unknown>;
    const holder = place.slice(0, -1).reduce((value, key) => value[key] as Record<string, unknown>, changed);
    const key = place.at(-1) as string;
    const before = holder[key];
    holder[key] = "another";
    expect(differences(stack, changed)).toEqual([{ path: place.join("."), before, after: "another" }]);
    expect(differences(changed, stack)).toEqual([{ path: place.join("."), before: "another", after: before }]);
  }
});

test("a moved resource is one removed and one added resource", () => {
  const stack = synthStack();
  const { events, ...others } = stack.resource.aws_sqs_queue ?? {};
  const moved = { ...stack, resource: { ...stack.resource, aws_sqs_queue: { ...others, events_queue: events } } };
  expect(differences(stack, moved)).toEqual([
    { path: "resource.aws_sqs_queue.events", before: at(stack, "aws_sqs_queue.events"), after: undefined },
    { path: "resource.aws_sqs_queue.events_queue", before: undefined, after: at(stack, "aws_sqs_queue.events") },
  ]);
});

test("a key named __proto__ is compared like any other", () => {
  expect(differences({}, { constructor: 1 })).toEqual([{ path: "constructor", before: undefined, after: 1 }]);
});
