import { parseEvent } from "@event-pipeline/event-model/event";
import { eventContractsOf } from "../contract-set";
import type { JsonSchema } from "../schema";
import { contractOf, setOf } from "./contracts";

/** Returns the refusal of an event by a contract with these keywords; undefined if the event is valid. */
function refusalOf(keywords: JsonSchema, event: unknown, strictTypes = false): string | undefined {
  const contracts = eventContractsOf(setOf([contractOf(keywords)], { strictTypes }));
  try {
    contracts.validate(parseEvent({ message: typeof event === "string" ? event : JSON.stringify(event) }, contracts));
    return undefined;
  } catch (error) {
    const { name, code, message } = error as { name: string; code: string; message: string };
    expect(name).toBe("RefusedMessageError");
    return `${code} ${message}`;
  }
}

const property = (schema: JsonSchema): JsonSchema => ({ properties: { v: schema } });

test("a pointer in a sentence escapes names, and long values are cut", () => {
  const schema = { properties: { "a/b~": { maxLength: 3 } } };
  const refusal = refusalOf(schema, { type: "a", "a/b~": "x".repeat(1_000_000) });
  expect(refusal).toContain("/a~1b~0 is");
  expect(String(refusal).length).toBeLessThan(400);
});

test("members that objects inherit are not there", () => {
  const schema = { required: ["constructor"], examples: [{ constructor: 1 }] };
  expect(refusalOf(schema, { type: "a" })).toContain("constructor");
  expect(refusalOf(schema, { type: "a", constructor: 1 })).toBeUndefined();
});

test("numbers are doubles to a contract", () => {
  const verdict = (schema: JsonSchema, number: string) => refusalOf(property(schema), `{"type":"a","v":${number}}`);
  // 2^53 + 1 is 2^53 as a double.
  expect(verdict({ const: 9007199254740992 }, "9007199254740993")).toBeUndefined();
  expect(verdict({ type: "integer" }, "12345678901234567890.5")).toBeUndefined();
  expect(verdict({ type: "number" }, "1e400")).toContain("its type must be number");
  expect(verdict({ multipleOf: 0.01 }, "0.07")).toBeUndefined();
  expect(verdict({ multipleOf: 0.01 }, "1234567.89")).toBeUndefined();
  expect(verdict({ const: 0 }, "-0.0")).toBeUndefined();
  expect(verdict({ maximum: 1 }, '2,"v":1')).toBeUndefined();
});

test("an event nested too deeply to be compared is refused, not retried", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const refusal = refusalOf(property({ uniqueItems: true, maxItems: 2 }), `{"type":"a","v":[${deep},${deep}]}`);
  expect(refusal).toContain("nested too deeply");
});

test("types without a contract are refused only with strictTypes, and the known types named", () => {
  expect(refusalOf({}, { type: "b" })).toBeUndefined();
  expect(refusalOf({}, { type: "b" }, true)).toMatch(/^UNKNOWN_TYPE .*"b".*"a"\.$/);
  expect(refusalOf({}, {}, true)).toMatch(/^UNKNOWN_TYPE .*"unknown"/);
  expect(refusalOf({}, { type: "a" }, true)).toBeUndefined();
});
