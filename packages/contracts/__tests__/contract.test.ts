import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { type Contract, ContractError, readContract } from "../contract";
import { type ContractSet, eventContractsOf, hashOf, moduleSource, setFromJson, setToJson } from "../contract-set";
import { readContractTexts, readMapping } from "../read-folder";

const BASE = {
  "x-event-type": "t",
  "x-version": "1",
  title: "T",
  description: "D",
  examples: [{}] as unknown[],
};
const read = (rules: object): Contract => readContract("a.json", JSON.stringify({ ...BASE, ...rules }));
const property = (schema: object) => ({ properties: { a: schema } });
const nested = (levels: number, inner: string): string => `${'{"not":'.repeat(levels)}${inner}${"}".repeat(levels)}`;

/** Returns the message of the ContractError, or undefined. Another error fails the test. */
function problemOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ContractError) return error.message;
    throw error;
  }
}

test.each<[string, object, string]>([
  ["another dialect", { $schema: "http://json-schema.org/draft-07/schema#" }, "$schema"],
  ["no type", { "x-event-type": undefined }, "x-event-type"],
  ["a lone surrogate in the type", { "x-event-type": "\ud800" }, "x-event-type"],
  ["a lone surrogate in a name", { properties: { "\ud800": {} } }, "lone surrogate"],
  ["no version", { "x-version": 1 }, "x-version"],
  ["a long version", { "x-version": "1".repeat(65) }, "x-version"],
  ["no title", { title: " " }, "title"],
  ["no description", { description: undefined }, "description"],
  ["no example", { examples: [] }, "examples"],
  ["an example that violates the contract", { required: ["b"] }, "examples/0"],
  ["an unknown keyword", property({ maxLenght: 3 }), "maxLenght"],
  ["an unknown format", property({ format: "iri" }), "iri"],
  ["a schema that is not valid", property({ minLength: "x" }), "minLength"],
  ["a pattern that is not one", property({ pattern: "(" }), "/properties/a/pattern"],
  ["a pattern that backtracks", property({ pattern: "^(a|a)*$" }), "/properties/a/pattern"],
  ["a pattern that begins anywhere", property({ pattern: "\\d+-" }), "/properties/a/pattern"],
  ["a pattern that cannot be checked", property({ pattern: "^(?<n>a)\\k<n>$" }), "/properties/a/pattern"],
  ["a backtracking name", { patternProperties: { "^(a+)+$": {} } }, "/patternProperties"],
  ["uniqueItems of any number of items", property({ uniqueItems: true }), "/properties/a/uniqueItems"],
  ["a reference to another file", property({ $ref: "b.json" }), "/properties/a/$ref"],
  ["a reference to nothing", property({ $ref: "#/$defs/x" }), "/properties/a/$ref"],
  ["a malformed reference", property({ $ref: "#/%" }), "/properties/a/$ref"],
  ["recursion", property({ $ref: "#" }), "leads back"],
  [
    "recursion by definitions",
    { $defs: { a: { items: { $ref: "#/$defs/b" } }, b: { not: { $ref: "#/$defs/a" } } } },
    "leads back",
  ],
  ["recursion in another spelling", { $defs: { a: { items: { $ref: "#/%24defs/a" } } } }, "leads back"],
  ["a dynamic reference", property({ $dynamicRef: "#x" }), "$dynamicRef"],
  ["a number that a double cannot hold", property({ maximum: 1 }), ""],
  ["many checks of an item", { items: { enum: Array.from({ length: 501 }, (_, n) => n) } }, "/items"],
  [
    "many alternatives of an item",
    { items: { anyOf: Array.from({ length: 25 }, (_, n) => ({ const: n })) } },
    "/items",
  ],
  ["many rules for one text", { allOf: Array.from({ length: 501 }, () => ({ minLength: 1 })) }, "the contract"],
])("refuses %s", (title, rules, name) => {
  if (title.startsWith("a number")) {
    const text = JSON.stringify({ ...BASE, ...rules }).replace('"maximum":1', '"maximum":9007199254740993');
    expect(problemOf(() => readContract("a.json", text))).toMatch(/^a\.json: 9007199254740993 /);
    return;
  }
  const problem = problemOf(() => read(rules));
  expect(problem).toMatch(/^a\.json/);
  expect(problem).toContain(name);
});

test.each([
  [
    "a large document",
    {
      required: ["a"],
      properties: Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [`p${n}`, { type: "string", maxLength: 50, pattern: "^[a-z]+$" }]),
      ),
      examples: [{ a: 1 }],
    },
  ],
  [
    "a list of findings",
    {
      properties: {
        findings: {
          items: {
            oneOf: [{ required: ["cve"] }, { required: ["cwe"] }],
            properties: { cve: { pattern: "^CVE-\\d{4}-\\d{4,}$" }, severity: { enum: ["low", "high"] } },
          },
        },
      },
    },
  ],
])("accepts %s", (_, rules) => {
  expect(problemOf(() => read(rules))).toBeUndefined();
});

test("refuses expansion, however few characters write it", () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [
      `d${n}`,
      n === 0 ? {} : { prefixItems: Array(4).fill({ $ref: `#/$defs/d${n - 1}` }) },
    ]),
  );
  expect(problemOf(() => read({ ...property({ $ref: "#/$defs/d29" }), $defs }))).toContain("5000 schemas");
});

test("refuses the name __proto__ and deep nesting, without an overflow", () => {
  const withRule = (rule: string) => JSON.stringify({ ...BASE, RULE: 0 }).replace('"RULE":0', rule);
  expect(problemOf(() => readContract("a.json", withRule('"properties":{"__proto__":false}')))).toContain("__proto__");
  expect(problemOf(() => readContract("a.json", withRule(`"not":${nested(50_000, "true")}`)))).toContain("deep");
  expect(problemOf(() => readContract("a.json", withRule('"title":"x"')))).toContain("repeats");
});

test("never fails with another error than ContractError, which names the file", () => {
  const keyword = fc.constantFrom(
    ...[
      "properties",
      "items",
      "$ref",
      "pattern",
      "enum",
      "const",
      "not",
      "anyOf",
      "required",
      "examples",
      "$defs",
      "type",
    ],
    ...[
      "uniqueItems",
      "maxItems",
      "format",
      "multipleOf",
      "x-event-type",
      "dependentRequired",
      "unevaluatedItems",
      "$id",
    ],
    ...["constructor", "toString", "patternProperties", "$schema"],
  );
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(
        true,
        null,
        0,
        -1,
        0.5,
        "",
        "object",
        "#",
        "#/",
        "#/%",
        "#/$defs/a",
        "^a+$",
        "date-time",
        "(",
      ),
      fc.dictionary(keyword, tie("value"), { maxKeys: 4 }),
      fc.array(tie("value"), { maxLength: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(value, fc.boolean(), (rules, isBare) => {
      const text = JSON.stringify(isBare ? rules : { ...BASE, ...Object(rules) });
      expect(problemOf(() => readContract("a.json", text)) ?? "a.json").toMatch(/^a\.json/);
      expect(problemOf(() => readMapping("m.json", text)) ?? "m.json").toMatch(/^m\.json/);
    }),
    { numRuns: 500 },
  );
});

test("names both files of one type", () => {
  const texts = new Map(["a.json", "b.json"].map((file) => [file, JSON.stringify(BASE)]));
  expect(problemOf(() => readContractTexts(texts, "mapping.json"))).toMatch(/a\.json and b\.json/);
});

test.each([
  '{"type":["/a"]}',
  '["cloudevent"]',
  "[1]",
  '[{"id":["/a"]}]',
  '[{"type":[]}]',
  '[{"type":["a"]}]',
  '[{"type":["/a"],"name":["/b"]}]',
  "[",
  '[{"type":["attribute:"]}]',
])("refuses the mapping %s", (text) => expect(problemOf(() => readMapping("m.json", text))).toMatch(/^m\.json/));

/** Texts that end a string, a comment or a template in careless generated code. */
const HOSTILE = [
  "\u2028\u2029",
  "</script>",
  "${x}",
  "`",
  "\\",
  '"',
  "*/",
  "\n",
  "constructor",
  "toString",
  "hasOwnProperty",
];

function setOf(rules: readonly object[], options: Partial<ContractSet> = {}): ContractSet {
  const contracts = rules.map((rule, n) => read({ "x-event-type": `t${n}`, ...rule }));
  return { contracts, mapping: [], strictTypes: false, ...options };
}

test("hostile names and values survive in the module, which Node.js loads as ESM", () => {
  const set = setOf(
    HOSTILE.map((text) => ({
      "x-event-type": `type ${text}`,
      properties: { [text]: { const: text } },
      required: [text],
      examples: [{ [text]: text }],
    })),
    { mapping: [{ type: [`/${HOSTILE.join("")}`] }] },
  );
  const folder = mkdtempSync(join(tmpdir(), "contracts-"));
  try {
    const file = join(folder, "contracts.mjs");
    writeFileSync(file, moduleSource(set));
    const script = `import { hash, contracts, mapping } from ${JSON.stringify(file)}; console.log(JSON.stringify([hash, [...contracts.keys()], mapping]))`;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(JSON.parse(output)).toEqual([hashOf(set), set.contracts.map(({ type }) => type), set.mapping]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the hash of a set changes with each member and is the same after a round trip", () => {
  const set = setOf([{}, { title: "U" }]);
  const others = [
    setOf([{}]),
    setOf([{}, { title: "V" }]),
    setOf([{}, { title: "U" }], { strictTypes: true }),
    setOf([{}, { title: "U" }], { mapping: ["stripe"] }),
    setOf([{}, { title: "U" }], { mapping: ["stripe", "segment"] }),
    setOf([{}, { title: "U" }], { mapping: ["segment", "stripe"] }),
  ];
  expect(new Set([set, ...others].map(hashOf)).size).toBe(7);
  for (const one of [set, ...others]) {
    expect(hashOf(setFromJson(setToJson(one)))).toBe(hashOf(one));
    expect(eventContractsOf(setFromJson(setToJson(one))).hash).toBe(hashOf(one));
  }
});

test("shortens the value that it quotes", () => {
  const long = "x".repeat(100_000);
  for (const entry of [long, [long], { [long]: ["/a"] }, { type: long }, { type: [long] }]) {
    expect(problemOf(() => readMapping("m.json", JSON.stringify([entry])))?.length).toBeLessThan(400);
  }
  for (const keyword of ["$schema", "x-event-type"]) {
    const text = JSON.stringify({ ...BASE, [keyword]: [long] });
    expect(problemOf(() => readContract("a.json", text))?.length).toBeLessThan(400);
  }
});

test.each<[object, string]>([
  [{ type: "objct" }, '/type is "objct"; it must be one of "array"'],
  [{ properties: { a: { type: "strng" } } }, '/properties/a/type is "strng"; it must be one of "array"'],
  [{ properties: { a: { type: ["string", "strng"] } } }, '/properties/a/type is ["string","strng"]'],
  [{ properties: { a: { minLength: "1" } } }, '/properties/a/minLength is "1"; its type must be integer.'],
  [{ properties: { a: { minLength: -1 } } }, "/properties/a/minLength is -1; it must be >= 0."],
  [{ required: "type" }, '/required is "type"; its type must be array.'],
  [{ enum: {} }, "/enum is {}; its type must be array."],
  [{ properties: { a: 7 } }, "/properties/a is 7; its type must be object, boolean."],
  [{ propertes: {} }, '"propertes"'],
  [{ properties: { a: { format: "datetime" } } }, '"datetime"'],
])("names the keyword and its value in %j", (rules, problem) => {
  const message = problemOf(() => readContract("a.json", JSON.stringify({ ...BASE, ...rules })));
  expect(message).toContain(problem);
  expect(message).not.toContain("undefined");
});

test("says that an object has too many members", () => {
  const properties = Object.fromEntries(Array.from({ length: 4_500 }, (_, index) => [`m${index}`, { type: "string" }]));
  expect(problemOf(() => readContract("a.json", JSON.stringify({ ...BASE, properties })))).toMatch(
    /^a\.json: .*too many members/,
  );
});
