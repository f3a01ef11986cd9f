import fc from "fast-check";
import { compareContracts, compareSets } from "../compatibility/compare";
import { compileContract, instantiate } from "../compile";
import { contractOf, setOf } from "./contracts";
import { checkedVerdict, compiles, contractSchema, event, generatedContract, pair } from "./generated-contracts";
import { loosened } from "./loosened-contracts";

const PAIRS = 100;
/** The pairs take 10 s, or longer on a busy machine. */
const TIMEOUT_MS = 120_000;
const EVENTS_PER_PAIR = 25;
const events = fc.array(event, { minLength: EVENTS_PER_PAIR, maxLength: EVENTS_PER_PAIR });

/** The events of contracts that are written below. */
const EXAMPLES = [{ type: "a" }];
const verdictOf = (before: object, after: object) =>
  compareContracts(generatedContract({ ...before }, EXAMPLES), generatedContract({ ...after }, EXAMPLES), {
    isMapped: true,
  });

test(
  "no event disproves compatible, and each breaking change has an event that proves it",
  () => {
    const counts = new Map<string, number>();
    fc.assert(
      fc.property(pair, events, fc.boolean(), ([before, after], tried, isMapped) => {
        fc.pre(compiles(before, after));
        const verdict = checkedVerdict([before, after], tried, isMapped);
        counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
      }),
      { numRuns: PAIRS },
    );
    // The property says nothing if each pair is unknown.
    for (const verdict of ["compatible", "breaking"]) expect(counts.get(verdict)).toBeGreaterThan(PAIRS / 30);
  },
  TIMEOUT_MS,
);

test(
  "a loosened contract is compatible, and a tightened one is not if an event tells",
  () => {
    const told: string[] = [];
    fc.assert(
      fc.property(loosened, events, fc.boolean(), ([tight, loose], tried, isMapped) => {
        expect(["compatible", "unchanged"]).toContain(checkedVerdict([tight, loose], tried, isMapped));
        const verdict = checkedVerdict([loose, tight], tried, isMapped);
        const [isTight, isLoose] = [tight, loose].map((each) => instantiate(compileContract(each)));
        if (!tried.some((each) => isLoose?.(each) && !isTight?.(each))) return;
        expect(verdict).not.toMatch(/compatible|unchanged/);
        told.push(verdict);
      }),
      { numRuns: PAIRS / 2 },
    );
    expect(told.length).toBeGreaterThan(PAIRS / 10);
    expect(told.filter((verdict) => verdict === "breaking").length).toBeGreaterThan(told.length * 0.8);
  },
  TIMEOUT_MS,
);

test("a contract is unchanged if only its texts, names and the order of its keywords change", () => {
  fc.assert(
    fc.property(
      contractSchema.filter((each) => compiles(each)),
      fc.boolean(),
      (schema, isMapped) => {
        const { $defs, ...rules } = Object.fromEntries(Object.entries(schema).reverse());
        const other = generatedContract({ ...rules, $defs, "x-version": "2", title: "Other" }, [{ type: "other" }]);
        const { verdict } = compareContracts(generatedContract(schema), other, { isMapped });
        expect(verdict).toBe("unchanged");
      },
    ),
    { numRuns: PAIRS },
  );
});

const OPEN = {
  type: "object",
  properties: { severity: { enum: ["low", "high"] }, n: { type: "number", maximum: 10 } },
};
const CLOSED = { ...OPEN, properties: { type: true, ...OPEN.properties }, additionalProperties: false };
const withN = (n: object) => ({ ...OPEN, properties: { ...OPEN.properties, n } });

const DEEP = { properties: { data: { type: "object", required: ["id"], properties: { id: { type: "integer" } } } } };
const deep = (id: object) => ({ properties: { data: { ...DEEP.properties.data, properties: { id } } } });

test.each<[string, object, object, string, string?, string?]>([
  ["a new required member", OPEN, { ...OPEN, required: ["severity"] }, "breaking", "", "required"],
  ["a smaller maximum", OPEN, withN({ type: "number", maximum: 9 }), "breaking", "/n", "maximum"],
  [
    "a maximum that is excluded",
    OPEN,
    withN({ type: "number", exclusiveMaximum: 10 }),
    "breaking",
    "/n",
    "exclusiveMaximum",
  ],
  [
    "a tuple whose rules for later items become those of all",
    withN({ type: "array", prefixItems: [{ type: "string" }], items: { type: "number" } }),
    withN({ type: "array", items: { type: "number" } }),
    "breaking",
    "/n/0",
    "type",
  ],
  [
    "members that only alternatives allowed",
    { anyOf: [{ properties: { type: true } }], unevaluatedProperties: false },
    { unevaluatedProperties: false },
    "breaking",
    "",
    "unevaluatedProperties",
  ],
  ["a larger maximum", OPEN, withN({ type: "number", maximum: 11 }), "compatible"],
  ["a number that must be whole", OPEN, withN({ type: "integer", maximum: 10 }), "breaking", "/n", "type"],
  ["fewer values", OPEN, { properties: { severity: { const: "low" } } }, "breaking", "/severity", "const"],
  ["more values", OPEN, { properties: { severity: { enum: ["high", "low", "none"] } } }, "compatible"],
  ["members that become closed", OPEN, CLOSED, "breaking", "", "additionalProperties"],
  ["members that become open", CLOSED, OPEN, "compatible"],
  [
    "an optional member of closed members",
    CLOSED,
    { ...CLOSED, properties: { ...CLOSED.properties, m: {} } },
    "compatible",
  ],
  ["another title", OPEN, { ...OPEN, title: "Other" }, "unchanged"],
  ["a reference to the same rules", OPEN, { $ref: "#/$defs/open", $defs: { open: OPEN } }, "unchanged"],
  [
    "alternatives in place of a type",
    { properties: { n: { type: ["string", "null"] } } },
    { properties: { n: { anyOf: [{ type: "string" }, { type: "null" }] } } },
    "compatible",
  ],
  [
    "another pattern",
    { properties: { n: { type: "string", pattern: "^[ab]$" } } },
    { properties: { n: { type: "string", pattern: "^[ba]$" } } },
    "unknown",
  ],
  [
    "a shorter list",
    { properties: { n: { type: "array", maxItems: 5 } } },
    { properties: { n: { type: "array", maxItems: 4 } } },
    "breaking",
    "/n",
    "maxItems",
  ],
  [
    "items of another type",
    { properties: { n: { type: "array", items: { type: ["string", "number"] } } } },
    { properties: { n: { type: "array", items: { type: "string" } } } },
    "breaking",
    "/n/0",
    "type",
  ],
  ["a rule below a member that no example has", DEEP, deep({ type: "string" }), "breaking", "/data/id", "type"],
  [
    "a closed object in items",
    { properties: { n: { items: { properties: { a: true } } } } },
    { properties: { n: { items: { properties: { a: true }, additionalProperties: false } } } },
    "breaking",
    "/n/0",
    "additionalProperties",
  ],
  [
    "a member that repeats the type",
    OPEN,
    { ...OPEN, required: ["type"], minProperties: 1 },
    "breaking",
    "",
    "required",
  ],
  [
    "a member with a slash",
    { properties: { "a/b": true } },
    { properties: { "a/b": { type: "string" } } },
    "breaking",
    "/a~1b",
    "type",
  ],
])("%s", (_, ...[before, after, expected, place, rule]) => {
  const { verdict, breaking } = verdictOf(before, after);
  expect(verdict).toBe(expected);
  if (rule !== undefined) expect(breaking.map((each) => [each.place, each.rule])).toContainEqual([place, rule]);
});

test("without a mapping, an event has its type as a member", () => {
  const after = { ...OPEN, required: ["type"], properties: { ...OPEN.properties, type: { const: "a" } } };
  const verdicts = [true, false].map(
    (isMapped) => compareContracts(contractOf(OPEN), contractOf(after), { isMapped }).verdict,
  );
  expect(verdicts).toEqual(["breaking", "compatible"]);
});

test("a deleted contract is breaking only with strictTypes", () => {
  const old = setOf([contractOf(OPEN)]);
  const verdicts = [false, true].map(
    (strictTypes) => compareSets(old, setOf([], { strictTypes })).contracts[0]?.verdict,
  );
  expect([...verdicts, compareSets(setOf([]), old).contracts[0]?.verdict]).toEqual(["deleted", "breaking", "added"]);
});

test("the entries of the mapping that were added, removed or moved are named", () => {
  const rule = { type: ["/kind"] };
  const mappings = [
    [
      ["stripe", rule],
      ["stripe", { ...rule }],
    ],
    [
      ["stripe", rule],
      [rule, "stripe"],
    ],
    [
      ["stripe", rule, "github"],
      ["segment", "stripe", "github"],
    ],
  ] as const;
  const compared = mappings.map(([old, next]) =>
    compareSets(setOf([], { mapping: old }), setOf([], { mapping: next })),
  );
  expect(compared.map(({ mapping }) => mapping)).toEqual([
    { added: [], removed: [], moved: [] },
    { added: [], removed: [], moved: [rule, "stripe"] },
    { added: ["segment"], removed: [rule], moved: [] },
  ]);
});

test("contracts with many alternatives, members or rules are compared in bounded time", () => {
  const nested = (depth: number, type: string): object =>
    depth === 0
      ? { type }
      : { anyOf: [nested(depth - 1, "string"), nested(depth - 1, "number"), nested(depth - 1, type)] };
  const alternatives = (type: string) => ({ properties: { a: nested(5, type), b: nested(5, "null") } });
  expect(verdictOf(alternatives("null"), alternatives("boolean")).verdict).toMatch(/unknown|breaking/);
  const wide = (type: string) => ({
    properties: Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`m${index}`, { type: [type, "null"] }])),
  });
  const { verdict, breaking, unknown } = verdictOf(wide("string"), wide("number"));
  // For the other rules, no example is searched.
  expect([verdict, breaking.length, unknown.length]).toEqual(["breaking", 100, 50]);
});
