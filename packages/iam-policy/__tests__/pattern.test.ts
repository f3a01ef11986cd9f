import fc from "fast-check";
import { type MatchOptions, matches, matchesArn, replaceVariables } from "../pattern";

function options(values: Readonly<Record<string, readonly string[]>> = {}, variables = true): MatchOptions {
  return { variables, values: (key) => values[key.toLowerCase()] };
}

const PLAIN = options();

test("matches wildcards like a regular expression, in any text", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ":", "/", ".", "\n", "é", "😀"), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ":", "/", ".", "*", "?", "😀"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      const escaped = wanted.replace(/[.]/g, "\\.").replaceAll("*", ".*").replaceAll("?", ".");
      expect(matches(wanted, given, PLAIN)).toBe(new RegExp(`^${escaped}$`, "su").test(given));
    }),
    { numRuns: 2000 },
  );
});

test("matches a pattern quickly that would make a regular expression backtrack", () => {
  expect(matches("*a".repeat(200), "a".repeat(5_000), PLAIN)).toBe(true);
  expect(matches(`${"*a".repeat(200)}b`, "a".repeat(5_000), PLAIN)).toBe(false);
});

test.each([
  ["arn:aws:sqs:us-east-1:111111111111:q", true],
  ["arn:aws:sqs:*:111111111111:q", true],
  ["arn:aws:sqs:us-east-1:*:?", true],
  ["arn:*:*:*:*:*", true],
  ["*", true],
  ["arn:aws:sqs:*", false],
  ["arn:aws:*:q", false],
  ["arn:aws:sqs:us-east-1:111111111111:Q", false],
  ["arn:aws:sqs:us-east-1:111111111111:q2", false],
])("matches %s with a queue's ARN: %s", (pattern, expected) => {
  expect(matchesArn(pattern, "arn:aws:sqs:us-east-1:111111111111:q", PLAIN)).toBe(expected);
});

test.each([
  ["arn:aws:logs:us-east-1:1:log-group:*", true],
  ["arn:aws:logs:us-east-1:1:log-group:a:log-stream:*", true],
  ["arn:aws:logs:us-east-1:1:log-group:b:*", false],
])("matches colons with a wildcard in the last segment: %s", (pattern, expected) => {
  expect(matchesArn(pattern, "arn:aws:logs:us-east-1:1:log-group:a:log-stream:b", PLAIN)).toBe(expected);
});

test("never matches a colon with a wildcard in an earlier segment", () => {
  const segment = fc.string({ unit: fc.constantFrom("a", "b", "1"), maxLength: 4 });
  fc.assert(
    fc.property(fc.tuple(segment, segment, segment, segment, segment), fc.nat(3), (segments, index) => {
      const arn = ["arn", ...segments].join(":");
      const pattern = segments.map((each, at) => (at === index ? "*" : each));
      expect(matchesArn(["arn", ...pattern].join(":"), arn, PLAIN)).toBe(true);
      pattern.splice(index + 1, 1);
      expect(matchesArn(["arn", ...pattern].join(":"), arn, PLAIN)).toBe(false);
    }),
  );
});

describe("policy variables", () => {
  const alice = options({ "aws:username": ["alice"], "aws:principaltag/team": ["a*b"], "aws:tagkeys": ["x", "y"] });

  test.each([
    ["home/${aws:username}/*", "home/alice/1", true],
    ["home/${aws:username}/*", "home/bob/1", false],
    ["home/${aws:UserName}", "home/alice", true],
    ["home/${aws:PrincipalTag/team}", "home/a*b", true],
    ["home/${aws:PrincipalTag/team}", "home/axb", false],
    ["home/${aws:PrincipalTag/none}", "home/", false],
    ["home/${aws:PrincipalTag/none, 'all'}", "home/all", true],
    ["home/${aws:TagKeys}", "home/x", false],
    ["${*}${?}${$}", "*?$", true],
    ["${*}", "anything", false],
    ["home/$1", "home/$1", true],
    ["home/${open", "home/${open", true],
  ])("%s and %s: %s", (pattern, text, expected) => {
    expect(matches(pattern, text, alice)).toBe(expected);
    if (!pattern.endsWith("/*")) expect(replaceVariables(pattern, alice) === text).toBe(expected);
  });

  test("are plain text in a policy of an older version", () => {
    const old = options({ "aws:username": ["alice"] }, false);
    expect(matches("${aws:username}", "alice", old)).toBe(false);
    expect(matches("${aws:username}", "${aws:username}", old)).toBe(true);
  });

  test("never add wildcards to a pattern, for any value", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, text) => {
        const given = options({ "aws:username": [value] });
        expect(matches("a/${aws:username}", `a/${text}`, given)).toBe(value === text);
      }),
    );
  });
});
