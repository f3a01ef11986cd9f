import fc from "fast-check";
import { readContract } from "../contract";
import { readContractTexts, readMapping } from "../read-folder";
import { contractOf, contractText } from "./contracts";

test.each<[keywords: Record<string, unknown>, named: string]>([
  [{ "x-event-type": undefined }, "x-event-type is missing"],
  [{ "x-event-type": "" }, 'x-event-type is ""'],
  [{ "x-event-type": "\ud83d" }, "x-event-type"],
  [{ "x-version": 1 }, "x-version is 1"],
  [{ "x-version": "1".repeat(65) }, "64 characters"],
  [{ title: undefined }, "title is missing"],
  [{ description: " " }, "description"],
  [{ examples: [] }, "examples is missing"],
  [{ examples: [{}], required: ["type"] }, 'examples/0 violates the contract: the event has no member "type"'],
  [{ $schema: "http://json-schema.org/draft-07/schema#" }, "draft-07"],
  [{ requird: ["type"] }, "requird"],
  [{ properties: { a: { type: "strin" } } }, "type"],
  [{ properties: { a: { format: "creditcard" } } }, "creditcard"],
  [{ properties: { a: { pattern: "(" } } }, "/properties/a/pattern"],
  [{ properties: { a: { pattern: "(x+x+)+y" } } }, "/properties/a/pattern"],
  [{ patternProperties: { "a+b": {} } }, "/patternProperties"],
  [{ properties: { a: { uniqueItems: true } } }, "maxItems"],
  [{ properties: { a: { uniqueItems: true, maxItems: 101 } } }, "100"],
  [{ properties: { a: { $ref: "#" } } }, "leads back"],
  [{ $defs: { t: { items: { $ref: "#/$defs/t" } } }, properties: { a: { $ref: "#/$defs/t" } } }, "leads back"],
  [{ $defs: { t: { items: { $ref: "#/$defs/t" } } } }, "leads back"],
  [{ properties: { a: { $ref: "#/$defs/none" } } }, "not in the file"],
  [{ properties: { a: { $ref: "other.json" } } }, "same file"],
  [{ properties: { a: { $dynamicRef: "#x" } } }, "$dynamicRef"],
])("%j is refused, and %s named", (keywords, named) => {
  expect(() => contractOf(keywords)).toThrow(expect.objectContaining({ name: "ContractError" }));
  expect(() => contractOf(keywords)).toThrow(named);
  expect(() => contractOf(keywords)).toThrow(/^a\.json/);
});

test("references that each lead to two schemas are refused before they are followed 2^30 times", () => {
  const level = (index: number) => ({ anyOf: [{ $ref: `#/$defs/l${index + 1}` }, { $ref: `#/$defs/l${index + 1}` }] });
  const levels = Array.from({ length: 30 }, (_, index) => [`l${index}`, level(index)] as const);
  expect(() => contractOf({ $defs: { ...Object.fromEntries(levels), l30: {} } })).toThrow("more than 5000 schemas");
});

test.each([
  ["1e400", "more digits"],
  ["12345678901234567890", "more digits"],
  ['0.1, "minimum": 2', "repeats a name"],
  ["01", "not JSON"],
])("a contract with the number %s is refused", (number, named) => {
  const text = contractText({ properties: {} }).replace('"properties":{}', `"properties":{"a":{"minimum":${number}}}`);
  expect(() => readContract("a.json", text)).toThrow(named);
});

test("whatever a file has, it is read or refused by a ContractError that begins with its name", () => {
  const keyword = fc.constantFrom(
    ...["type", "$ref", "properties", "items", "anyOf", "pattern", "enum", "const", "$defs", "if", "not", "required"],
    ...["maxItems", "uniqueItems", "$id", "$schema", "examples", "x-event-type", "x-version", "__proto__", "format"],
  );
  const anything = fc.anything({ maxDepth: 2, withNullPrototype: false, key: keyword });
  fc.assert(
    fc.property(fc.dictionary(keyword, anything, { maxKeys: 4 }), (keywords) => {
      try {
        readContract("a.json", contractText(keywords));
      } catch (error) {
        expect(error).toMatchObject({ name: "ContractError", message: expect.stringMatching(/^a\.json/) });
      }
    }),
    { numRuns: 300 },
  );
});

test("two contracts of one type are refused by the names of both files", () => {
  const texts = new Map(["b.json", "a.json"].map((file) => [file, contractText()]));
  expect(() => readContractTexts(texts, "mapping.json")).toThrow(/b\.json and a\.json are both contracts of "a"/);
});

test.each([
  ["{}", "must be a list"],
  ['["cloudevent"]', 'entry 1 is "cloudevent"; the presets are cloudevents'],
  ["[null]", "entry 1 is null"],
  ['["stripe", {}]', 'entry 2 has no "type"'],
  ['[{"type": []}]', "must be a list of places"],
  ['[{"type": "/kind"}]', "must be a list of places"],
  ['[{"type": ["kind"]}]', 'the place "kind"'],
  ['[{"type": ["/a~2"]}]', "/a~2"],
  ['[{"type": ["attribute:"]}]', "attribute:"],
  ['[{"type": ["/kind"], "tim": ["/t"]}]', '"tim"'],
])("the mapping %s is refused", (text, named) => {
  expect(() => readMapping("mapping.json", text)).toThrow(named);
  expect(() => readMapping("mapping.json", text)).toThrow(/^mapping\.json/);
});
