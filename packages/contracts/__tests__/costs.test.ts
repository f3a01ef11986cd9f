// What costs.ts accepts takes a time that grows no faster than the event.
import fc from "fast-check";
import { compileContract, FORMATS, instantiate } from "../compile";
import { costProblem } from "../costs";
import type { JsonSchema } from "../schema";
import { Backtracking, parts, sourceOf, TooManyStepsError } from "./backtracking";

const UNITS = ["a", "b", "c", "ab", "aab", "abb", "abc"];

/** Returns the most steps that a text of about this length takes; Infinity if one takes too many. */
function stepsOf(search: (text: string, maxSteps: number) => number, length: number): number {
  const texts = UNITS.flatMap((unit) => ["", "d"].map((end) => unit.repeat(length / unit.length) + end));
  return Math.max(...texts.map((text) => search(text, 100 * length)));
}

test("an accepted pattern takes at most 100 steps a character, and four times the text at most eight times the steps", () => {
  fc.assert(
    fc.property(parts, fc.boolean(), (part, isAnchored) => {
      const pattern = `${isAnchored ? "^" : ""}(?:${sourceOf(part)})$`;
      fc.pre(costProblem({ pattern }) === undefined);
      const search = (text: string, maxSteps: number) => {
        const matcher = new Backtracking(text, maxSteps);
        try {
          expect([pattern, text, matcher.search(part, isAnchored)]).toEqual([
            pattern,
            text,
            new RegExp(pattern, "u").test(text),
          ]);
        } catch (error) {
          if (!(error instanceof TooManyStepsError)) throw error;
          return Number.POSITIVE_INFINITY;
        }
        return matcher.steps;
      };
      const [few, many] = [64, 256].map((length) => stepsOf(search, length)) as [number, number];
      expect([pattern, many / few < 8]).toEqual([pattern, true]);
    }),
    { numRuns: 20, maxSkipsPerRun: 100 },
  );
});

test.each([
  "^(a+)+$",
  "(?=a*)b",
  "^(?:(?!.*x)a)*$",
  "^(?<=a*)b",
  "^(a*)\\1$",
  "^\\p{L}*\\p{Lu}*$",
  "^\\w*\\d*x$",
  "a*$",
])("refuses the pattern %s, and names it, the reason and the fix", (pattern) => {
  const problem = costProblem({ properties: { v: { pattern } } });
  expect(problem).toContain(`/properties/v/pattern is ${JSON.stringify(pattern)}`);
});

test.each(["^\\(?=[(?=]$", "^\\p{L}+$", "^[\\p{Lu}_]\\w{0,30}$", "^(?:low|high)$", "^\\d{4}-\\d\\d$", "\\.json$"])(
  "accepts the pattern %s",
  (pattern) => expect(costProblem({ pattern })).toBeUndefined(),
);

/** Returns the least CPU time of a few runs, in microseconds. */
function cpuMicros(action: () => unknown): number {
  const runs = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    action();
    const { user, system } = process.cpuUsage(start);
    return user + system;
  });
  return Math.min(...runs);
}

/** Shorter times are not compared, because other work of the process disturbs them. */
const FLOOR_MICROS = 2_000;

/** Expects that four times the size takes at most ten times the CPU time. Of quadratic work it takes sixteen times. */
function expectLinear(name: unknown, validate: (value: unknown) => boolean, smaller: unknown, larger: unknown): void {
  const micros = cpuMicros(() => validate(smaller));
  expect([name, cpuMicros(() => validate(larger)) <= 10 * Math.max(micros, FLOOR_MICROS)]).toEqual([name, true]);
}

const KIB = 1_024;
/** Starts and parts of texts that a format's regular expression reads far into before it fails. */
const STARTS = ["", "a@", "P", "http://", "http://a@", "urn:uuid:", "::", "2026-01-01T00:00:00."];
const REPEATED = ["a", "0", ".", "-", ":", "%41", "a.", "a-", "1:", "/", "~0", " ", "1Y", "é"];

test.each(FORMATS)("the format %s takes linear time on 256 KiB", (format) => {
  const validate = instantiate(compileContract({ format }));
  const texts = STARTS.flatMap((start) => REPEATED.map((unit) => [start, unit] as const));
  const textOf = (start: string, unit: string, length: number) => `${start}${unit.repeat(length / unit.length)}!`;
  const slowest = texts
    .map(([start, unit]) => {
      const text = textOf(start, unit, 64 * KIB);
      return { start, unit, micros: cpuMicros(() => validate(text)) };
    })
    .sort((one, other) => other.micros - one.micros)
    .slice(0, 3);
  for (const { start, unit } of slowest) {
    expectLinear([start, unit], validate, textOf(start, unit, 64 * KIB), textOf(start, unit, 256 * KIB));
  }
});

const names = (count: number) => Array.from({ length: count }, (_, n) => `name${n}`);
const list = (item: unknown) => (size: number) => Array.from({ length: size }, () => item);

test.each<[string, JsonSchema, (size: number) => unknown]>([
  ["a long enum", { items: { enum: names(90) } }, list("name")],
  [
    "many required names",
    { items: { required: names(90) } },
    list(Object.fromEntries(names(90).map((name) => [name, 1]))),
  ],
  [
    "many properties",
    { items: { properties: Object.fromEntries(names(90).map((name) => [name, { type: "number" }])) } },
    list({}),
  ],
  ["many alternatives", { items: { anyOf: names(9).map((name) => ({ const: name })) } }, list("name")],
  ["unique items", { items: { items: { type: "string" }, uniqueItems: true } }, list(names(50))],
  [
    "many names",
    { additionalProperties: { type: "number" }, propertyNames: { maxLength: 9 } },
    (size) => Object.fromEntries(names(size).map((name) => [name, 1])),
  ],
  [
    "unevaluated names",
    { patternProperties: { "^x": {} }, unevaluatedProperties: { type: "number" } },
    (size) => Object.fromEntries(names(size).map((name) => [name, 1])),
  ],
])("%s takes linear time", (name, schema, sized) => {
  expect(costProblem(schema)).toBeUndefined();
  expectLinear(name, instantiate(compileContract(schema)), sized(2_000), sized(8_000));
});

test.each([undefined, {}, { type: "object" }, { type: ["string", "array"] }, { $ref: "#/$defs/a" }])(
  "refuses uniqueItems with the items %j, and names the fix",
  (items) => {
    const problem = costProblem({ $defs: { a: { type: "string" } }, properties: { v: { uniqueItems: true, items } } });
    expect(problem).toMatch(/^\/properties\/v\/uniqueItems .*"items": \{"type": "string"\}/);
  },
);

test.each<[string, JsonSchema]>([
  ["enum", { items: { enum: names(101) } }],
  ["required", { items: { required: names(101) } }],
  [
    "patternProperties",
    { items: { patternProperties: Object.fromEntries(names(34).map((name) => [`^${name}`, {}])) } },
  ],
  ["anyOf", { items: { anyOf: names(25).map((name) => ({ const: name })) } }],
  ["minLength", { allOf: names(101).map(() => ({ minLength: 1 })) }],
])("refuses too much of %s, and names the place, the limit and the fix", (_, schema) => {
  expect(costProblem(schema)).toMatch(
    /^(?:\/items|the contract) checks one value more than 100 times \(\d{3}\).*Use fewer/,
  );
});
