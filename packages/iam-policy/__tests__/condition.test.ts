import fc from "fast-check";
import { conditionHolds, OPERATORS } from "../condition";

type Value = readonly string[] | undefined;

function holds(operator: string, wanted: string | readonly string[], given: Value): boolean {
  return conditionHolds({ [operator]: { "aws:Key": wanted } }, { variables: true, values: () => given });
}

/** Operator, value in the policy, values that match it, values that do not. */
const CASES: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ["StringEquals", "a", ["a"], ["A", "ab", ""]],
  ["StringEquals", "a*", ["a*"], ["ab"]],
  ["StringNotEquals", "a", ["A", "b"], ["a"]],
  ["StringEqualsIgnoreCase", "a", ["a", "A"], ["b"]],
  ["StringNotEqualsIgnoreCase", "a", ["b"], ["a", "A"]],
  ["StringLike", "a*b?", ["abc", "axxbz"], ["ab", "Abc"]],
  ["StringNotLike", "a*", ["b"], ["a", "abc"]],
  ["NumericEquals", "5", ["5", "5.0"], ["6", "five", ""]],
  ["NumericNotEquals", "5", ["6"], ["5"]],
  ["NumericLessThan", "5", ["4", "-1"], ["5", "6", "x"]],
  ["NumericLessThanEquals", "5", ["5", "4.9"], ["5.1", ""]],
  ["NumericGreaterThan", "5", ["5.5"], ["5", "x"]],
  ["NumericGreaterThanEquals", "5", ["5", "6"], ["4"]],
  ["DateEquals", "2026-11-27T00:00:00Z", ["2026-11-27T00:00:00.000Z", "1795737600"], ["2026-11-27T00:00:01Z", "soon"]],
  ["DateNotEquals", "2026-11-27T00:00:00Z", ["2026-11-27T00:00:01Z"], ["2026-11-27T00:00:00Z"]],
  ["DateLessThan", "2026-11-27T00:00:00Z", ["2026-11-26T23:59:59Z"], ["2026-11-27T00:00:00Z"]],
  ["DateLessThanEquals", "1795737600", ["2026-11-27T00:00:00Z"], ["2026-11-27T00:00:01Z"]],
  ["DateGreaterThan", "2026-11-27T00:00:00Z", ["2026-11-27T01:00:00+00:30"], ["2026-11-27T00:30:00+00:30"]],
  ["DateGreaterThanEquals", "2026-11-27T00:00:00Z", ["2026-11-27T00:00:00Z"], ["2026-11-26T00:00:00Z"]],
  ["Bool", "true", ["true", "TRUE"], ["false", "yes"]],
  ["BinaryEquals", "QmluYXJ5", ["QmluYXJ5"], ["qmluYXJ5"]],
  ["IpAddress", "203.0.113.0/24", ["203.0.113.9"], ["203.0.114.9", "x"]],
  ["NotIpAddress", "203.0.113.0/24", ["203.0.114.9"], ["203.0.113.9"]],
  ["ArnEquals", "arn:aws:sns:*:1:t", ["arn:aws:sns:us-east-1:1:t"], ["arn:aws:sns:us-east-1:1:t2", "t"]],
  ["ArnLike", "arn:aws:sns:*:1:t*", ["arn:aws:sns:us-east-1:1:t2"], ["arn:aws:sns:us-east-1:2:t"]],
  ["ArnNotEquals", "arn:aws:sns:*:1:t", ["arn:aws:sns:us-east-1:1:t2"], ["arn:aws:sns:us-east-1:1:t"]],
  ["ArnNotLike", "arn:aws:sns:*:1:t*", ["arn:aws:sns:us-east-1:2:t"], ["arn:aws:sns:us-east-1:1:t2"]],
];

test("tests every operator", () => {
  expect(new Set(CASES.map(([operator]) => operator))).toEqual(new Set(OPERATORS));
});

describe.each(CASES)("%s %s", (operator, wanted, matching, others) => {
  const negated = /Not/.test(operator);

  test.each(matching)("holds for %s", (value) => expect(holds(operator, wanted, [value])).toBe(true));
  test.each(others)("is false for %j", (value) => expect(holds(operator, wanted, [value])).toBe(false));

  test("is true without the condition key only if it is negated or ends in IfExists", () => {
    expect(holds(operator, wanted, undefined)).toBe(negated);
    expect(holds(`${operator}IfExists`, wanted, undefined)).toBe(true);
    expect(holds(`${operator}IfExists`, wanted, [others[0] as string])).toBe(false);
    expect(holds(`ForAllValues:${operator}`, wanted, undefined)).toBe(true);
    expect(holds(`ForAnyValue:${operator}`, wanted, undefined)).toBe(false);
  });

  test("requires every value to match with ForAllValues, and one with ForAnyValue", () => {
    const [match, other] = [matching[0] as string, others[0] as string];
    expect(holds(`ForAllValues:${operator}`, wanted, [match, other])).toBe(false);
    expect(holds(`ForAllValues:${operator}`, wanted, [match, match])).toBe(true);
    expect(holds(`ForAnyValue:${operator}`, wanted, [match, other])).toBe(true);
    expect(holds(`ForAnyValue:${operator}`, wanted, [other])).toBe(false);
  });
});

test("negates an operator for any values", () => {
  const value = fc.constantFrom(
    "a",
    "b",
    "A",
    "arn:aws:sns:r:1:t",
    "arn:aws:sns:r:2:t",
    "1",
    "2",
    "10.0.0.1",
    "2026-01-01",
  );
  const operator = fc.constantFrom(...OPERATORS).filter((name) => name.includes("Not"));
  fc.assert(
    fc.property(operator, fc.array(value, { minLength: 1 }), value, (name, wanted, given) => {
      expect(holds(name, wanted, [given])).toBe(!holds(name.replace("Not", ""), wanted, [given]));
    }),
  );
});

test("requires one of the policy's values to match, or all to differ for a negated operator", () => {
  expect(holds("StringEquals", ["a", "b"], ["b"])).toBe(true);
  expect(holds("StringNotEquals", ["a", "b"], ["b"])).toBe(false);
  expect(holds("StringNotEquals", ["a", "b"], ["c"])).toBe(true);
});

test("requires one of the request's values to match, or none for a negated operator", () => {
  expect(holds("StringEquals", "a", ["a", "b"])).toBe(true);
  expect(holds("StringNotEquals", "a", ["a", "b"])).toBe(false);
  expect(holds("StringNotEquals", "a", ["b", "c"])).toBe(true);
});

test("requires all operators and condition keys to be true", () => {
  const values = (key: string) => ({ "aws:a": ["1"], "aws:b": ["2"] })[key];
  const options = { variables: true, values };
  expect(conditionHolds({ StringEquals: { "aws:a": "1", "aws:b": "2" } }, options)).toBe(true);
  expect(conditionHolds({ StringEquals: { "aws:a": "1", "aws:b": "3" } }, options)).toBe(false);
  expect(conditionHolds({ StringEquals: { "aws:a": "1" }, Bool: { "aws:b": true } }, options)).toBe(false);
});

test("compares numbers and booleans in JSON as text", () => {
  const options = { variables: true, values: () => ["true"] };
  expect(conditionHolds({ Bool: { "aws:Key": true } }, options)).toBe(true);
  expect(conditionHolds({ NumericEquals: { "aws:Key": 5 } }, { ...options, values: () => ["5"] })).toBe(true);
});

test.each([
  ["true", undefined, true],
  ["true", ["x"], false],
  ["false", undefined, false],
  ["false", ["x"], true],
] as const)("Null %s with %j: %s", (wanted, given, expected) => expect(holds("Null", wanted, given)).toBe(expected));

test("matches nothing with a variable that has no value", () => {
  const options = { variables: true, values: (key: string) => (key === "aws:a" ? ["${aws:none}"] : undefined) };
  expect(conditionHolds({ StringLike: { "aws:a": "${aws:none}*" } }, options)).toBe(false);
  expect(conditionHolds({ StringEquals: { "aws:a": "${aws:none}" } }, options)).toBe(false);
});

test.each(["StringMatches", "stringequals", "NullIfExists", "ForSomeValues:StringEquals", "constructor"])(
  "rejects the unknown operator %s",
  (operator) => {
    expect(() => holds(operator, "a", ["a"])).toThrow(`Unknown condition operator ${operator}. IAM has StringEquals,`);
  },
);
