import fc from "fast-check";
import { FilterPolicyError, filterPolicyProblems, parseFilterPolicy, parseFilterPolicyJson } from "../filter-policy";
import { matches } from "../matches";
import { FILTER_POLICY_SCOPES } from "../scope";

const problemsOf = (policy: unknown) => filterPolicyProblems(policy, "MessageBody");
const many = (length: number) => Array.from({ length }, (_, index) => `value${index}`);

describe("rejects a condition that SNS rejects", () => {
  test.each<[unknown, string]>([
    [["value"], "SNS accepts only strings, numbers, true, false, null and objects with an operator"],
    [{}, '"" is not an operator here'],
    [{ "wrong-operator": true }, '"wrong-operator" is not an operator here; SNS allows prefix, suffix,'],
    [{ suffix: "a", prefix: "b" }, "SNS accepts only one operator in each object"],
    [{ suffix: 100 }, "suffix requires a string"],
    [{ suffix: null }, "suffix requires a string"],
    [{ suffix: ["a", "b"] }, "suffix requires a string"],
    [{ exists: "no" }, "exists requires true or false"],
    [{ exists: null }, "exists requires true or false"],
    [{ numeric: [] }, "numeric requires an operator and a number"],
    [{ numeric: "=" }, "numeric requires an operator and a number"],
    [{ numeric: ["operator", 1] }, "numeric requires an operator and a number"],
    [{ numeric: [1, "<="] }, "numeric requires an operator and a number"],
    [{ numeric: ["=", "000"] }, "numeric requires an operator and a number"],
    [{ numeric: [">="] }, "numeric requires an operator and a number"],
    [{ numeric: ["=", 1, "<", 2] }, "numeric requires an operator and a number"],
    [{ numeric: ["<", 100, ">", 10] }, "numeric requires an operator and a number"],
    [{ numeric: [">=", 1, ">", 2] }, "numeric requires an operator and a number"],
    [{ numeric: [">", 20, "<="] }, "numeric requires an operator and a number"],
    [{ numeric: [">", 20, 30] }, "numeric requires an operator and a number"],
    [{ numeric: [">", 20, "<", 30, "<", 50] }, "numeric requires an operator and a number"],
    [{ numeric: [">", 3, "<", 1] }, "the lower bound of a range must be less"],
    [{ numeric: ["<", 1_000_000_001] }, "SNS compares numbers from -1000000000 to 1000000000"],
    [{ "anything-but": [] }, "anything-but requires at least one value"],
    [{ "anything-but": ["a", 1] }, "anything-but requires strings or numbers, not both"],
    [{ "anything-but": true }, "anything-but requires strings or numbers"],
    [{ "anything-but": null }, "anything-but requires strings or numbers"],
    [{ "anything-but": [["a"]] }, "anything-but requires strings or numbers"],
    [{ "anything-but": { suffix: "a" } }, '"suffix" is not an operator here; SNS allows prefix, wildcard'],
    [{ "anything-but": { exists: false } }, '"exists" is not an operator here'],
    [{ "anything-but": { prefix: false } }, "prefix requires a string"],
    [{ "anything-but": { prefix: "" } }, "prefix in anything-but requires a string that is not empty"],
    [{ "anything-but": { prefix: "a", wildcard: "b" } }, "anything-but accepts only one operator"],
    [{ wildcard: "a**b" }, "the pattern has two * in a row"],
    [{ wildcard: "a*b*c*d*e" }, "the pattern has 4 *; SNS allows 3"],
    [{ wildcard: "a\\b" }, "the pattern has a \\ that is followed by neither * nor \\"],
    [{ cidr: "10.0.0.0" }, "cidr requires an address and a prefix length"],
    [{ cidr: "10.0.0.0/a" }, "cidr requires an address and a prefix length"],
    [{ cidr: "10.0.0/24" }, "cidr requires an address and a prefix length"],
    [{ cidr: "10.0.0.0/24/2" }, "cidr requires an address and a prefix length"],
    [{ cidr: "10.0.0.0/32" }, "the prefix length of cidr must be at most 31"],
    [{ cidr: "::/128" }, "the prefix length of cidr must be at most 127"],
    [{ cidr: 10 }, "cidr requires a string"],
  ])("%j", (condition, reason) => {
    const [problem, ...others] = problemsOf({ outer: { key: ["fine", condition] } });
    expect(others).toEqual([]);
    expect(problem).toContain(`has ${JSON.stringify(condition)} at "outer.key": ${reason}`);
    expect(problem).toMatch(/\.$/);
  });
});

describe("rejects a policy that SNS rejects", () => {
  test.each<[unknown, string]>([
    [null, 'must be an object with lists, such as {"severity": ["high"]}, not null.'],
    [["a"], "must be an object with lists"],
    ["a", "must be an object with lists"],
    [{ a: "b" }, 'has "b" at "a". SNS requires a list here, such as ["b"].'],
    [{ a: { suffix: "b" } }, 'has "b" at "a.suffix". SNS requires a list here'],
    [{ a: [] }, 'has an empty list at "a"'],
    [{ a: {} }, 'has an empty object at "a"'],
    [{ $or: [{ a: ["x"] }] }, "$or is an operator only with two or more objects"],
    [{ $or: [{ numeric: 123 }, { prefix: "abc" }] }, "$or is an operator only with two or more objects"],
    [{ $or: [{ a: "x" }, { b: ["x"] }] }, 'has "x" at "a". SNS requires a list here'],
    [Object.fromEntries(many(6).map((key) => [key, ["x"]])), "has 6 keys. SNS allows 5."],
    [{ a: many(151) }, "has 151 combinations"],
    [{ a: many(100), b: many(51) }, "has 5100 combinations"],
    // The example in AWS's documentation: four values at the third level, three at the second and three at the first.
    [{ a: { b: { c: many(4) } }, d: { e: many(3) }, f: many(3) }, "has 216 combinations"],
    [
      {
        source: many(4),
        $or: [
          { metricName: many(6) },
          { metricType: many(4), $or: [{ metricId: [1, 2, 3, 4] }, { spaceId: [1, 2, 3, 4] }] },
        ],
      },
      "has 152 combinations",
    ],
    [
      {
        $or: [{ metricName: many(3) }, { namespace: many(2) }],
        detail: { scope: many(2), $or: [{ source: ["aws"] }, { type: many(3) }] },
      },
      "has 160 combinations",
    ],
    [{ a: many(6).map((value) => ({ wildcard: `*${value}*` })) }, "has 216 wildcard points. SNS allows 100."],
    [{ a: many(11).map((value) => ({ "anything-but": { wildcard: `${value}*` } })) }, "has 121 wildcard points."],
  ])("%j", (policy, problem) => {
    expect(problemsOf(policy)).toEqual([expect.stringContaining(problem)]);
  });

  test("rejects nesting with the scope MessageAttributes", () => {
    expect(filterPolicyProblems({ a: { b: ["x"] } }, "MessageAttributes")).toEqual([
      expect.stringContaining('has a nested object at "a", but its scope is MessageAttributes'),
    ]);
  });

  test("returns every reason at once", () => {
    expect(problemsOf({ a: [{ exists: 1 }], b: [], c: 5 })).toHaveLength(3);
  });
});

test.each<unknown>([
  {},
  { a: many(150) },
  { a: { b: { c: many(4) } }, d: { e: many(3) } },
  { a: [{ wildcard: "a*b*c*" }], b: [{ wildcard: "x*" }] },
  { a: many(10).map((value) => ({ wildcard: `${value}*` })) },
  { a: [{ cidr: "10.0.0.7/8" }, { cidr: "0.0.0.0/0" }] },
  {
    source: many(3),
    $or: [
      { metricName: many(6) },
      { metricType: many(4), $or: [{ metricId: [1, 2, 3, 4] }, { spaceId: [1, 2, 3, 4, 5, 6, 7] }] },
    ],
  },
])("accepts %j", (policy) => {
  expect(problemsOf(policy)).toEqual([]);
});

test("parses JSON, and rejects other text and JSON over 256 KiB", () => {
  const message = { body: '{"a":"x"}', attributes: {} };
  expect(matches(parseFilterPolicyJson('{"a":["x"]}', "MessageBody"), message)).toBe(true);
  expect(() => parseFilterPolicyJson("{", "MessageBody")).toThrow(/^The filter policy is not JSON: /);
  expect(() => parseFilterPolicyJson("", "MessageBody")).toThrow(/^The filter policy is not JSON: /);
  const long = JSON.stringify({ a: [{ "anything-but": ["ü".repeat(131_072)] }] });
  expect(() => parseFilterPolicyJson(long, "MessageBody")).toThrow(/has 262\d{3} bytes. SNS allows 262144\.$/);
});

test("accepts any value or rejects it with a reason, and matches an accepted policy without an error", () => {
  const operators = ["prefix", "suffix", "wildcard", "cidr", "numeric", "exists", "anything-but", "equals-ignore-case"];
  const key = fc.oneof(fc.constantFrom(...operators, "$or", "a", "a.b", "__proto__"), fc.string());
  const anything = fc.anything({
    key,
    maxDepth: 4,
    values: [fc.string(), fc.double(), fc.boolean(), fc.constant(null)],
  });
  const message = { body: '{"a":{"b":["x",1]}}', attributes: { a: { DataType: "String", StringValue: "x" } } };
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(key, fc.array(anything)), anything), (policy) => {
      const json = JSON.stringify(policy) ?? "null";
      for (const scope of FILTER_POLICY_SCOPES) {
        try {
          matches(parseFilterPolicyJson(json, scope), message);
        } catch (error) {
          if (!(error instanceof FilterPolicyError && error.problems.length > 0)) throw error;
        }
      }
    }),
    { numRuns: 3_000 },
  );
});

describe("rejects a hostile policy", () => {
  const refusal = (policy: unknown) => () => parseFilterPolicy(policy, "MessageBody");

  test.each([
    ["lists", '{"a":', "[", "]"],
    ["objects", '{"a":', '{"a":', "}"],
    ["alternatives", '{"$or":[{"a":["x"]},', '{"$or":[{"a":["x"]},', "]}"],
  ])("%s that are nested 10,000 levels deep", (_name, start, open, close) => {
    const end = start.endsWith(",") ? "]}" : "}";
    const json = `${start}${open.repeat(10_000)}${open.endsWith(",") ? '{"b":["x"]}' : "[1]"}${close.repeat(10_000)}${end}`;
    expect(() => parseFilterPolicyJson(json, "MessageBody")).toThrow(/too complex for SNS|has \d+ bytes/);
  });

  test("a name with 100,000 dots", () => {
    expect(refusal({ [".".repeat(100_000)]: ["x"] })).toThrow(/deeper than 150 levels/);
  });

  test("thousands of properties in each of many alternatives", () => {
    const properties = Object.fromEntries(many(1_000).map((key) => [key, ["x"]]));
    const ways = many(20).map((key) => ({ [key]: ["x"] }));
    expect(refusal({ $or: [{ ...properties, $or: ways }, { z: ["x"] }] })).toThrow(/more than 10000 properties/);
  });
});
