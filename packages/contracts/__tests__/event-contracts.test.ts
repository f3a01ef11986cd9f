import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseEvent } from "@event-pipeline/event-model/event";
import { eventContractsOf, hashOf, moduleSource, setFromJson, setToJson } from "../contract-set";
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

test.each<[schema: JsonSchema, value: unknown, sentence: string]>([
  [{ enum: ["low", "high"] }, "severe", '/v is "severe"; it must be one of "low", "high".'],
  [{ const: 1 }, 2, "/v is 2; it must be 1."],
  [{ type: "string" }, 2, "/v is 2; its type must be string."],
  [{ type: ["string", "null"] }, 2, "/v is 2; its type must be string, null."],
  [{ minimum: 1 }, 0, "/v is 0; it must be >= 1."],
  [{ exclusiveMaximum: 1 }, 1, "/v is 1; it must be < 1."],
  [{ multipleOf: 0.01 }, 0.015, "/v is 0.015; it must be a multiple of 0.01."],
  [{ maxLength: 1 }, "ab", '/v is "ab"; it must have at most 1 characters.'],
  [{ pattern: "^a" }, "b", '/v is "b"; it must match the pattern ^a.'],
  [{ format: "uuid" }, "b", '/v is "b"; it must be a valid uuid.'],
  [{ minItems: 1 }, [], "/v must have at least 1 items."],
  [{ prefixItems: [{}], items: false }, [1, 2], "/v must have at most 1 items."],
  [{ uniqueItems: true, maxItems: 9 }, [1, 1], "/v has the same item at 0 and 1"],
  [{ contains: { const: 1 } }, [2], "/v must have at least 1 items of a kind"],
  [{ required: ["a"] }, {}, '/v has no member "a", which is required.'],
  [{ dependentRequired: { a: ["b"] } }, { a: 1 }, '/v has a member "a", so it must have "b" too.'],
  [{ properties: {}, additionalProperties: false }, { severty: 1 }, '/v has a member "severty", which is not allowed.'],
  [{ unevaluatedProperties: false }, { severty: 1 }, '/v has a member "severty", which is not allowed.'],
  [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, '/v has a member "ab", whose name is not allowed.'],
  [{ maxProperties: 0 }, { a: 1 }, "/v must have at most 0 members."],
  [{ anyOf: [{ const: 1 }, { const: 2 }] }, 3, "/v must match one of the alternatives"],
  [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, "it matches more than one"],
  [{ not: { const: 1 } }, 1, "/v is 1; the contract does not allow it"],
  [{ if: { const: 1 }, else: false }, 2, "/v"],
])("%j refuses %j with a sentence", (schema, value, sentence) => {
  const refusal = refusalOf(property(schema), { type: "a", v: value });
  expect(refusal).toMatch(/^CONTRACT_VIOLATED The event violates the contract "a", version 1\.0\.0 \([\da-f]{8}\): /);
  expect(refusal).toContain(sentence);
});

test("a pointer in a sentence escapes names, and long values are cut", () => {
  const schema = { properties: { "a/b~": { maxLength: 3 } } };
  const refusal = refusalOf(schema, { type: "a", "a/b~": "x".repeat(1_000_000) });
  expect(refusal).toContain("/a~1b~0 is");
  expect(String(refusal).length).toBeLessThan(400);
});

test("members that objects inherit are not there, and __proto__ is an ordinary name", () => {
  const needs = (name: string) => ({ required: [name] });
  for (const name of ["constructor", "toString", "__proto__"]) {
    expect(refusalOf({ ...needs(name), examples: [JSON.parse(`{"${name}":1}`)] }, { type: "a" })).toContain(name);
    expect(refusalOf({ ...needs(name), examples: [JSON.parse(`{"${name}":1}`)] }, `{"type":"a","${name}":1}`)).toBe(
      undefined,
    );
  }
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

const HOSTILE = "${x} %{y} `z` </script> \u2028\u2029 \\ \" ' */ \0";

test("contracts.mjs is a module with the same verdicts, whatever text a schema has", () => {
  const set = setOf([contractOf({ properties: { v: { const: HOSTILE } } })], {
    mapping: ["cloudevents"],
    strictTypes: true,
  });
  const file = join(mkdtempSync(join(tmpdir(), "contracts-")), "contracts.mjs");
  writeFileSync(file, moduleSource(set));
  const script = `
    const { contracts, hash, mapping, strictTypes } = await import(${JSON.stringify(pathToFileURL(file).href)});
    const module = {};
    contracts.get("a").define(module, () => { throw new Error("no helper"); });
    const verdicts = [${JSON.stringify(HOSTILE)}, "x"].map((v) => module.exports({ type: "a", v }));
    console.log(JSON.stringify({ hash, mapping, strictTypes, verdicts }));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(JSON.parse(output)).toEqual({
    hash: hashOf(set),
    mapping: ["cloudevents"],
    strictTypes: true,
    verdicts: [true, false],
  });
});

test("a set survives its JSON, and its hash changes with each of its parts", () => {
  const set = setOf([contractOf()]);
  expect(setFromJson(setToJson(set))).toEqual(set);
  const others = [
    setOf([contractOf({ title: "B" })]),
    setOf([]),
    setOf([contractOf()], { strictTypes: true }),
    setOf([contractOf()], { mapping: ["stripe"] }),
  ];
  expect(new Set([set, ...others].map(hashOf)).size).toBe(others.length + 1);
});
