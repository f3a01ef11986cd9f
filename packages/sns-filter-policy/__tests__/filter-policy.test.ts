import fc from "fast-check";
import { FilterPolicyError, filterPolicyProblems, parseFilterPolicy, parseFilterPolicyJson } from "../filter-policy";
import { matches } from "../matches";
import { FILTER_POLICY_SCOPES } from "../scope";

const problemsOf = (policy: unknown) => filterPolicyProblems(policy, "MessageBody");
const many = (length: number) => Array.from({ length }, (_, index) => `value${index}`);

describe("what SNS refuses in a list", () => {
  test.each<[unknown, string]>([
    [["value"], "SNS matches texts, numbers, true, false, null and operators"],
    [{}, '"" is not an operator there'],
    [{ "wrong-operator": true }, '"wrong-operator" is not an operator there; SNS allows prefix, suffix,'],
    [{ suffix: "a", prefix: "b" }, "SNS takes one operator in each object"],
    [{ suffix: 100 }, "suffix takes a text"],
    [{ suffix: null }, "suffix takes a text"],
    [{ suffix: ["a", "b"] }, "suffix takes a text"],
    [{ exists: "no" }, "exists takes true or false"],
    [{ exists: null }, "exists takes true or false"],
    [{ numeric: [] }, "numeric takes an operator and a number"],
    [{ numeric: "=" }, "numeric takes an operator and a number"],
    [{ numeric: ["operator", 1] }, "numeric takes an operator and a number"],
    [{ numeric: [1, "<="] }, "numeric takes an operator and a number"],
    [{ numeric: ["=", "000"] }, "numeric takes an operator and a number"],
    [{ numeric: [">="] }, "numeric takes an operator and a number"],
    [{ numeric: ["=", 1, "<", 2] }, "numeric takes an operator and a number"],
    [{ numeric: ["<", 100, ">", 10] }, "numeric takes an operator and a number"],
    [{ numeric: [">=", 1, ">", 2] }, "numeric takes an operator and a number"],
    [{ numeric: [">", 20, "<="] }, "numeric takes an operator and a number"],
    [{ numeric: [">", 20, 30] }, "numeric takes an operator and a number"],
    [{ numeric: [">", 20, "<", 30, "<", 50] }, "numeric takes an operator and a number"],
    [{ numeric: [">", 3, "<", 1] }, "the lower bound of a range must be less"],
    [{ numeric: ["<", 1_000_000_001] }, "SNS compares numbers from -1000000000 to 1000000000"],
    [{ "anything-but": [] }, "anything-but takes at least one value"],
    [{ "anything-but": ["a", 1] }, "anything-but takes texts or numbers, not both"],
    [{ "anything-but": true }, "anything-but takes texts or numbers"],
    [{ "anything-but": null }, "anything-but takes texts or numbers"],
    [{ "anything-but": [["a"]] }, "anything-but takes texts or numbers"],
    [{ "anything-but": { suffix: "a" } }, '"suffix" is not an operator there; SNS allows prefix, wildcard'],
    [{ "anything-but": { exists: false } }, '"exists" is not an operator there'],
    [{ "anything-but": { prefix: false } }, "prefix takes a text"],
    [{ "anything-but": { prefix: "" } }, "prefix in anything-but takes a text that is not empty"],
    [{ "anything-but": { prefix: "a", wildcard: "b" } }, "anything-but takes one operator"],
    [{ wildcard: "a**b" }, "the pattern has two * in a row"],
    [{ wildcard: "a*b*c*d*e" }, "the pattern has 4 *; SNS allows 3"],
    [{ wildcard: "a\\b" }, "the pattern has a \\ that is followed by neither * nor \\"],
    [{ cidr: "10.0.0.0" }, "cidr takes an address and the bits of its mask"],
    [{ cidr: "10.0.0.0/a" }, "cidr takes an address and the bits of its mask"],
    [{ cidr: "10.0.0/24" }, "cidr takes an address and the bits of its mask"],
    [{ cidr: "10.0.0.0/24/2" }, "cidr takes an address and the bits of its mask"],
    [{ cidr: "10.0.0.0/32" }, "the mask may have at most 31 bits"],
    [{ cidr: "::/128" }, "the mask may have at most 127 bits"],
    [{ cidr: 10 }, "cidr takes a text"],
  ])("%j", (condition, reason) => {
    const [problem, ...others] = problemsOf({ outer: { key: ["fine", condition] } });
    expect(others).toEqual([]);
    expect(problem).toContain(`has at "outer.key" ${JSON.stringify(condition)}; ${reason}`);
    expect(problem).toMatch(/\.$/);
  });
});

describe("SNS refuses a policy with", () => {
  test.each<[unknown, string]>([
    [null, 'must be a map of lists, such as {"severity": ["high"]}, not null.'],
    [["a"], "must be a map of lists"],
    ["a", "must be a map of lists"],
    [{ a: "b" }, 'has at "a" "b"; SNS takes a list there, such as ["b"].'],
    [{ a: { suffix: "b" } }, 'has at "a.suffix" "b"; SNS takes a list there'],
    [{ a: [] }, 'has at "a" an empty list'],
    [{ a: {} }, 'has at "a" an empty object'],
    [{ $or: [{ a: ["x"] }] }, "$or is an operator only with two objects or more"],
    [{ $or: [{ numeric: 123 }, { prefix: "abc" }] }, "$or is an operator only with two objects or more"],
    [{ $or: [{ a: "x" }, { b: ["x"] }] }, 'has at "a" "x"; SNS takes a list there'],
    [Object.fromEntries(many(6).map((key) => [key, ["x"]])), "has 6 keys. SNS allows 5;"],
    [{ a: many(151) }, "has 151 combinations"],
    [{ a: many(100), b: many(51) }, "has 5100 combinations"],
    // The sum in AWS's documentation: four values at the third level, three at the second, and three more: 216.
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
    [{ a: many(6).map((value) => ({ wildcard: `*${value}*` })) }, "has 216 points for its wildcards. SNS allows 100;"],
    [
      { a: many(11).map((value) => ({ "anything-but": { wildcard: `${value}*` } })) },
      "has 121 points for its wildcards.",
    ],
  ])("%j", (policy, problem) => {
    expect(problemsOf(policy)).toEqual([expect.stringContaining(problem)]);
  });

  test("nesting, with the scope MessageAttributes", () => {
    expect(filterPolicyProblems({ a: { b: ["x"] } }, "MessageAttributes")).toEqual([
      expect.stringContaining("nests under a, and its scope is MessageAttributes."),
    ]);
  });

  test("every reason at once", () => {
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
])("SNS takes %j", (policy) => {
  expect(problemsOf(policy)).toEqual([]);
});

test("JSON is parsed; other text and JSON over 256 KiB are refused", () => {
  const message = { body: '{"a":"x"}', attributes: {} };
  expect(matches(parseFilterPolicyJson('{"a":["x"]}', "MessageBody"), message)).toBe(true);
  expect(() => parseFilterPolicyJson("{", "MessageBody")).toThrow(/^The filter policy is not JSON: /);
  expect(() => parseFilterPolicyJson("", "MessageBody")).toThrow(/^The filter policy is not JSON: /);
  const long = JSON.stringify({ a: [{ "anything-but": ["ü".repeat(131_072)] }] });
  expect(() => parseFilterPolicyJson(long, "MessageBody")).toThrow(/has 262\d{3} bytes. SNS allows 262144\.$/);
});

test("any value is accepted or refused with a reason, and an accepted policy matches without an error", () => {
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

describe("hostile policies are refused", () => {
  const refusal = (policy: unknown) => () => parseFilterPolicy(policy, "MessageBody");

  test.each([
    ["lists", '{"a":', "[", "]"],
    ["objects", '{"a":', '{"a":', "}"],
    ["alternatives", '{"$or":[{"a":["x"]},', '{"$or":[{"a":["x"]},', "]}"],
  ])("%s that nest 10,000 deep", (_name, start, open, close) => {
    const end = start.endsWith(",") ? "]}" : "}";
    const json = `${start}${open.repeat(10_000)}${open.endsWith(",") ? '{"b":["x"]}' : "[1]"}${close.repeat(10_000)}${end}`;
    expect(() => parseFilterPolicyJson(json, "MessageBody")).toThrow(/too complex for SNS|has \d+ bytes/);
  });

  test("a name of 100,000 steps", () => {
    expect(refusal({ [".".repeat(100_000)]: ["x"] })).toThrow(/deeper than 150 steps/);
  });

  test("thousands of properties in each of many alternatives", () => {
    const properties = Object.fromEntries(many(1_000).map((key) => [key, ["x"]]));
    const ways = many(20).map((key) => ({ [key]: ["x"] }));
    expect(refusal({ $or: [{ ...properties, $or: ways }, { z: ["x"] }] })).toThrow(/more than 10000 properties/);
  });
});
