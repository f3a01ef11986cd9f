import fc from "fast-check";
import { parseFilterPolicy } from "../filter-policy";
import type { MessageAttributes } from "../matches";
import { matches } from "../matches";
import { message, policy, satisfiesByTrying } from "./filter-policies";

const text = (StringValue: string) => ({ DataType: "String", StringValue });
const list = (...values: unknown[]) => ({ DataType: "String.Array", StringValue: JSON.stringify(values) });
const number = (value: number | string) => ({ DataType: "Number", StringValue: String(value) });
const binary = { DataType: "Binary", BinaryValue: "AA==" };

function takesBody(filterPolicy: unknown, body: unknown): boolean {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return matches(parseFilterPolicy(filterPolicy, "MessageBody"), { body: text, attributes: {} });
}

function takesAttributes(filterPolicy: unknown, attributes: MessageAttributes): boolean {
  return matches(parseFilterPolicy(filterPolicy, "MessageAttributes"), { body: "no JSON", attributes });
}

// Examples from AWS's documentation: a condition, values that match and values that do not.
// https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html, numeric-value-matching.html,
// attribute-key-matching.html
const CONDITIONS: readonly [condition: unknown, taken: readonly unknown[], dropped: readonly unknown[]][] = [
  ["rugby", ["rugby", ["rugby", "tennis"]], ["baseball", "Rugby", "rugby ", ["baseball"], [], null, 1]],
  [{ "anything-but": ["rugby", "tennis"] }, ["baseball", ["rugby", "baseball"], 5], ["rugby", ["rugby"], []]],
  [{ "anything-but": "rugby" }, ["baseball"], ["rugby"]],
  [{ "anything-but": [100, 500] }, [101, 100.1, [100, 50], "100"], [100, [100, 500]]],
  [{ "anything-but": { prefix: "order-" } }, ["data-entry", "order_number"], ["order-cancelled"]],
  [{ "anything-but": { wildcard: "*ball" } }, ["hockey", "ballet"], ["baseball", "ball"]],
  [{ "equals-ignore-case": "tennis" }, ["TENNIS", "Tennis", "tennis"], ["table tennis", 1]],
  [{ cidr: "10.0.0.0/24" }, ["10.0.0.0", "10.0.0.255"], ["10.1.1.0", "10.0.0", "::ffff:10.0.0.1", "", 10]],
  [{ cidr: "2001:db8::/32" }, ["2001:db8::1", "2001:0DB8:0:0::ffff"], ["2001:db9::1", "10.0.0.1", "2001:db8::1%eth0"]],
  [{ prefix: "bas" }, ["baseball", "basketball", "bas"], ["rugby", "Baseball", 5]],
  [{ prefix: "" }, ["", "a"], [5, null]],
  [{ suffix: "ball" }, ["baseball", "ball"], ["rugby", "balls", true]],
  [{ wildcard: "*ball" }, ["baseball", "ball"], ["balls", 5]],
  [{ wildcard: "a*b*c" }, ["abc", "aXbYc", "abcbc"], ["ac", "acb", "ab"]],
  [{ wildcard: "a*a" }, ["aa", "aba"], ["a"]],
  [{ wildcard: "\\*\\\\*" }, ["*\\", "*\\more"], ["\\", "a\\"]],
  [{ numeric: ["=", 301.5] }, [301.5, 3.015e2], ["301.5", 301.51]],
  [{ numeric: ["<", 0] }, [-1, -0.00001], [0, 1]],
  [{ numeric: [">", 0, "<=", 150] }, [0.1, 150], [0, 150.1, -1]],
  [{ numeric: [">=", 0, "<", 1] }, [0, 0.99999], [1, -0.1]],
  [{ numeric: [">", 0] }, [1e9], [1_000_000_001, 1e300]],
  [{ exists: true }, ["fans", 0, false, ["a"]], [[], null, "", {}, { deeper: 1 }]],
  [{ exists: false }, [[], {}, { deeper: 1 }], ["fans", null, "", 0]],
  [null, [null, [1, null]], ["null", 0, "", []]],
  [true, [true], ["true", 1, false]],
  [100, [100, 1e2, [99, 100]], ["100", 101]],
  [123456789012, [123456789012], [123456789013]],
];

describe.each(CONDITIONS)("%j", (condition, taken, dropped) => {
  test.each(taken)("accepts %j in a body, nested or not", (value) => {
    expect(takesBody({ key: [condition] }, { key: value, other: "x" })).toBe(true);
    expect(takesBody({ key: ["no such value", condition] }, { key: value })).toBe(true);
    expect(takesBody({ outer: { key: [condition] } }, { outer: [{ key: value }], other: "x" })).toBe(true);
  });

  test.each(dropped)("rejects %j in a body, nested or not", (value) => {
    expect(takesBody({ key: [condition] }, { key: value, other: "x" })).toBe(false);
    expect(takesBody({ outer: { key: [condition] } }, { outer: { key: value }, other: "x" })).toBe(false);
  });

  const asAttribute = (value: unknown) => {
    if (Array.isArray(value)) return list(...value);
    return typeof value === "string" ? text(value) : number(value as number);
  };
  const canBeAttribute = (value: unknown) =>
    Array.isArray(value) || typeof value === "number" || (typeof value === "string" && value !== "");

  test("accepts and rejects the same values as attributes", () => {
    for (const [values, isTaken] of [
      [taken, true],
      [dropped, false],
    ] as const) {
      for (const value of values.filter(canBeAttribute)) {
        const attributes = { key: asAttribute(value), other: text("x") };
        expect([value, takesAttributes({ key: [condition] }, attributes)]).toEqual([value, isTaken]);
      }
    }
  });
});

const EXAMPLE = {
  customer_interests: list("soccer", "rugby", "hockey"),
  store: text("example_corp"),
  event: text("order_placed"),
  price_usd: number("210.75"),
};

// https://docs.aws.amazon.com/sns/latest/dg/example-filter-policies.html and and-or-logic.html
const ATTRIBUTES: readonly [string, unknown, MessageAttributes, boolean][] = [
  [
    "the example message matches with all attributes",
    {
      store: ["example_corp"],
      event: [{ "anything-but": "order_cancelled" }],
      customer_interests: ["rugby", "football", "baseball"],
      price_usd: [{ numeric: [">=", 100] }],
    },
    EXAMPLE,
    true,
  ],
  [
    "the example message does not match without one attribute",
    { store: ["example_corp"], encrypted: [false], customer_interests: ["rugby"] },
    EXAMPLE,
    false,
  ],
  ["an empty policy matches every message", {}, {}, true],
  ["a message without attributes does not match, even with exists: false", { store: [{ exists: false }] }, {}, false],
  [
    "a message with only Binary attributes counts as one without attributes",
    { store: [{ exists: false }] },
    { store: binary },
    false,
  ],
  ["Binary attributes are ignored", { store: [{ exists: false }] }, { store: binary, other: text("x") }, true],
  ["a string that looks like a number is not a number", { key: [{ numeric: ["=", 1] }] }, { key: text("1") }, false],
  ["a number is not a string", { key: ["1"] }, { key: number(1) }, false],
  ["equal numbers match in any notation", { key: [{ numeric: ["=", 301.5] }] }, { key: number("3.015e2") }, true],
  ["a type can have a custom label", { key: [1] }, { key: { DataType: "Number.int", StringValue: "1" } }, true],
  ["a list can contain numbers, booleans and null", { key: [false] }, { key: list(1, false, null) }, true],
  [
    "a list of numbers",
    { key: [{ "anything-but": [100] }] },
    { key: { DataType: "Number.Array", StringValue: "[100,50]" } },
    true,
  ],
  [
    "a String.Array attribute without a list",
    { other: ["x"] },
    { key: { DataType: "String.Array", StringValue: "[" }, other: text("x") },
    false,
  ],
  ["a name that contains a dot", { "a.b": ["x"] }, { "a.b": text("x") }, true],
  [
    "$or with a match of the first alternative",
    { source: ["aws.cloudwatch"], $or: [{ metricName: ["CPUUtilization"] }, { namespace: ["AWS/EC2"] }] },
    { source: text("aws.cloudwatch"), metricName: text("CPUUtilization") },
    true,
  ],
  [
    "$or with no match",
    { source: ["aws.cloudwatch"], $or: [{ metricName: ["CPUUtilization"] }, { namespace: ["AWS/EC2"] }] },
    { source: text("aws.cloudwatch"), metricName: text("ReadLatency") },
    false,
  ],
  ["$or without two objects is an ordinary name", { $or: ["x"] }, { $or: text("x") }, true],
];

test.each(ATTRIBUTES)("attributes: %s", (_name, filterPolicy, attributes, taken) => {
  expect(takesAttributes(filterPolicy, attributes)).toBe(taken);
});

const OR_IN_BODY = {
  $or: [{ metricName: ["CPUUtilization", "ReadLatency"] }, { namespace: ["AWS/EC2", "AWS/ES"] }],
  detail: { scope: ["Service"], $or: [{ source: ["aws.cloudwatch"] }, { type: ["Alarm"] }] },
};
const RECORDS = {
  Records: { s3: { object: { key: [{ prefix: "auto-" }] } }, eventName: [{ prefix: "ObjectCreated:" }] },
};
const record = (key: string, eventName: string) => ({ eventName, s3: { object: { key } } });

const BODIES: readonly [string, unknown, unknown, boolean][] = [
  ["a list from AWS's example", { tags: ["x"] }, { tags: ["x", "y"] }, true],
  ["objects in lists", RECORDS, { Records: [record("auto-1.xml", "ObjectCreated:Put")] }, true],
  ["objects in lists of lists", RECORDS, { Records: [[[record("auto-1.xml", "ObjectCreated:Put")]]] }, true],
  [
    "an element that satisfies only one of two conditions",
    RECORDS,
    { Records: [record("auto-1.xml", "ObjectRemoved:Delete")] },
    false,
  ],
  [
    "two elements that each satisfy one of two conditions",
    RECORDS,
    { Records: [record("auto-1.xml", "ObjectRemoved:Delete"), record("home-1.xml", "ObjectCreated:Put")] },
    false,
  ],
  [
    "$or at the top level and nested",
    OR_IN_BODY,
    { metricName: "ReadLatency", detail: { scope: "Service", type: "Alarm" } },
    true,
  ],
  ["$or with no nested match", OR_IN_BODY, { metricName: "ReadLatency", detail: { scope: "Service" } }, false],
  ["$or with only a nested match", OR_IN_BODY, { detail: { scope: "Service", type: "Alarm" } }, false],
  ["a dot in the policy, nesting in the body", { "a.b": ["x"] }, { a: { b: "x" } }, true],
  ["nesting in the policy, a dot in the body", { a: { b: ["x"], c: ["y"] } }, { "a.b": "x", a: { c: "y" } }, true],
  ["dots in different places", { "a.b.c": ["x"] }, { "a.b": { c: "x" } }, true],
  ["exists: false below an absent property", { a: { b: [{ exists: false }] } }, { c: 1 }, true],
  ["one absent and one present property", { a: { b: [{ exists: false }], c: ["x"] } }, { a: { c: "x", b: 1 } }, false],
  ["a name that every object inherits", { constructor: [{ exists: true }] }, { a: 1 }, false],
  ["the name __proto__", JSON.parse('{"__proto__":{"a":[1]}}'), '{"__proto__":{"a":1}}', true],
  ["an empty name", { "": ["x"] }, { "": "x" }, true],
  ["a body that is not JSON", { a: [{ exists: false }] }, "no JSON", false],
  ["a JSON string as body", { a: [{ exists: false }] }, '"text"', false],
  ["a JSON list as body", { a: ["x"] }, [{ a: "x" }], false],
  ["null as body", { a: [{ exists: false }] }, "null", false],
  ["a body that is not JSON, with an empty policy", {}, "no JSON", true],
];

test.each(BODIES)("bodies: %s", (_name, filterPolicy, body, taken) => {
  expect(takesBody(filterPolicy, body)).toBe(taken);
});

test("accepts the same bodies as an exhaustive search", () => {
  fc.assert(
    fc.property(policy, message, (filterPolicy, body) => {
      expect(takesBody(filterPolicy, body)).toBe(satisfiesByTrying(filterPolicy, body));
    }),
    { numRuns: 1_500 },
  );
});

test("matches a wildcard like a regular expression with .* for each *", () => {
  const literal = fc.string({ unit: fc.constantFrom("a", "b", ".", "\n", "😀"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(literal, { minLength: 1, maxLength: 4 }), literal, (parts, value) => {
      const wildcard = parts.filter((part, index) => part || index === 0 || index === parts.length - 1).join("*");
      fc.pre(!wildcard.includes("**"));
      const expression = new RegExp(`^${wildcard.replaceAll(".", "\\.").replaceAll("*", "[^]*")}$`, "u");
      expect(takesBody({ key: [{ wildcard }] }, { key: value })).toBe(expression.test(value));
    }),
  );
});

describe("matches a hostile message in bounded time", () => {
  const size = 256 * 1024;

  test.each([
    ["an asterisk before many equal characters", `*${"a".repeat(1_000)}b*`, "a".repeat(size)],
    ["three asterisks", "*a*a*ab", "a".repeat(size)],
  ])("%s", (_name, wildcard, value) => {
    expect(takesBody({ key: [{ wildcard }] }, { key: value })).toBe(false);
  });

  test("lists and objects that are nested 100,000 levels deep", () => {
    const nested = (open: string, inner: string, close: string) => open.repeat(100_000) + inner + close.repeat(100_000);
    expect(takesBody({ a: ["x"] }, `{"a":${nested("[", '"x"', "]")}}`)).toBe(true);
    expect(takesBody({ a: ["x"] }, nested('{"a":', '"x"', "}"))).toBe(false);
  });

  test("many long lists and many alternatives of $or", () => {
    const names = [..."abcdefg"];
    const elements = Array.from({ length: 5_000 }, () => ({ a: 1, b: 1, c: 1 }));
    const ways = Array.from({ length: 30 }, (_, way) => ({ l: { a: [1], b: [1], c: [way + 2], d: [1] } }));
    const body = Object.fromEntries(names.map((name) => [name, elements]));
    expect(takesBody({ $or: [{ x: [1] }, { y: [1] }] }, body)).toBe(false);
    expect(takesBody({ $or: ways.slice(0, 9) }, { l: elements })).toBe(false);
  });
});
