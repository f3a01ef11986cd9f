import { parseEvent } from "@event-pipeline/event-model/event";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { FORMATS } from "../compile";
import { readContract } from "../contract";
import { eventContractsOf } from "../contract-set";

function contractsOf(rules: object, examples: readonly unknown[]) {
  const text = JSON.stringify({
    "x-event-type": "t",
    "x-version": "1.2",
    title: "T",
    description: "D",
    ...rules,
    examples,
  });
  return eventContractsOf({ contracts: [readContract("t.json", text)], mapping: [], strictTypes: false });
}

/** Returns the violation of an event whose member `a` is the value; undefined if it is valid. */
function violationOf(rules: object, valid: unknown, value: string): RefusedMessageError | undefined {
  try {
    const event = parseEvent({ message: `{"type":"t","a":${value}}` });
    contractsOf({ properties: { a: rules } }, [{ a: valid }]).validate(event);
    return undefined;
  } catch (error) {
    if (error instanceof RefusedMessageError) return error;
    throw error;
  }
}

test.each<[string, object, unknown, string, string[]]>([
  ["type", { type: ["string", "null"] }, "x", "1", ["/a", "1", "string, null"]],
  ["enum", { enum: ["x", "y"] }, "x", '"z"', ["/a", '"z"', '"x", "y"']],
  ["const", { const: { b: 1 } }, { b: 1 }, "[]", ["/a", "[]", '{"b":1}']],
  ["minimum", { minimum: 3 }, 3, "2", ["2", ">= 3"]],
  ["exclusiveMaximum", { exclusiveMaximum: 3 }, 2, "3", ["< 3"]],
  ["multipleOf", { multipleOf: 0.01 }, 0.07, "0.075", ["0.075", "0.01"]],
  ["minLength", { minLength: 2 }, "ab", '"😀"', ["at least 2"]],
  ["maxLength", { maxLength: 2 }, "ab", '"abc"', ["at most 2"]],
  ["pattern", { pattern: "^a" }, "a", '"b"', ['"b"', "^a"]],
  ["format", { format: "date" }, "2026-01-01", '"2026-02-30"', ["date"]],
  ["required", { required: ["b"] }, { b: 1 }, "{}", ["/a", '"b"']],
  ["dependentRequired", { dependentRequired: { b: ["c"] } }, {}, '{"b":1}', ['"b"', '"c"']],
  ["additionalProperties", { additionalProperties: false }, {}, '{"b~":1}', ['"b~"']],
  ["unevaluatedProperties", { unevaluatedProperties: false }, {}, '{"b":1}', ['"b"']],
  ["propertyNames", { propertyNames: { maxLength: 1 } }, {}, '{"bb":1}', ['"bb"']],
  ["minItems", { minItems: 1 }, [1], "[]", ["at least 1 item"]],
  ["maxItems", { maxItems: 1 }, [1], "[1,2]", ["at most 1 item"]],
  ["items: false", { prefixItems: [{}], items: false }, [1], "[1,2]", ["at most 1 item"]],
  ["unevaluatedItems", { prefixItems: [{}], unevaluatedItems: false }, [1], "[1,2]", ["at most 1 item"]],
  ["minProperties", { minProperties: 1 }, { b: 1 }, "{}", ["at least 1 member"]],
  ["maxProperties", { maxProperties: 0 }, {}, '{"b":1}', ["at most 0 members"]],
  ["uniqueItems", { uniqueItems: true, items: { type: "integer" } }, [], "[1,2,1]", ["0", "2"]],
  ["contains", { contains: { const: 1 } }, [1], "[2]", ["at least 1"]],
  ["anyOf", { anyOf: [{ const: 1 }, { const: 2 }] }, 1, "3", ["/a", "alternatives"]],
  ["oneOf", { oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 1, "3", ["more than one"]],
  ["not", { not: { const: 1 } }, 2, "1", ["/a", "1"]],
  ["false", { if: { const: 1 }, else: false }, 1, "2", ["/a", "2"]],
])("a violation of %s names the place, the value and what is allowed", (_, rules, valid, value, parts) => {
  expect(violationOf(rules, valid, JSON.stringify(valid))).toBeUndefined();
  const error = violationOf(rules, valid, value);
  expect(error?.code).toBe("CONTRACT_VIOLATED");
  for (const part of ['"t"', "1.2", ...parts]) expect(error?.message).toContain(part);
  expect(error?.message).toMatch(/^[^\n]+\.\)?$/s);
});

test("a large value, a deep value and a long list are shortened", () => {
  const texts = ["x".repeat(200_000), "[".repeat(100_000)];
  const long = JSON.stringify(texts[0]);
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const values = Array.from({ length: 400 }, (_, n) => `value ${n}`);
  for (const value of [long, deep]) {
    expect(violationOf({ enum: values }, values[0], value)?.message.length).toBeLessThan(1_000);
  }
});

describe("numbers are rounded to doubles", () => {
  test.each<[object, string, boolean]>([
    [{ multipleOf: 0.01 }, "0.07", true],
    [{ multipleOf: 0.01 }, "1.005", false],
    [{ multipleOf: 0.1 }, "0.30000000000000004", true],
    [{ const: 9007199254740992 }, "9007199254740993", true],
    [{ maximum: 9007199254740992 }, "9007199254740993", true],
    [{ type: "number" }, "1e400", false],
    [{ type: "integer" }, "1.00000000000000000001", true],
    [{ const: 0 }, "-0.0", true],
    [{ minimum: 0 }, "-1e-400", true],
    [{ const: 0.3 }, "0.3000000000000000000001", true],
  ])("%j and %s: valid is %s", (rules, value, isValid) => {
    const properties = { a: rules };
    const validate = () =>
      contractsOf({ properties }, [{}]).validate(parseEvent({ message: `{"type":"t","a":${value}}` }));
    if (isValid) expect(validate).not.toThrow();
    else expect(validate).toThrow(RefusedMessageError);
  });
});

test("names that JavaScript's objects inherit are ordinary members", () => {
  const rules = { required: ["constructor"], properties: { toString: { const: 1 } }, additionalProperties: true };
  const contracts = contractsOf(rules, [{ constructor: 1 }]);
  const validate = (message: string) => () => contracts.validate(parseEvent({ message }));
  expect(validate('{"type":"t"}')).toThrow(/"constructor"/);
  expect(validate('{"type":"t","constructor":1}')).not.toThrow();
  expect(validate('{"type":"t","constructor":1,"toString":2}')).toThrow(/toString/);
});

/** Returns the fastest of several runs, in milliseconds: other processes only add time. */
function fastest(run: () => void): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );
}

test.each(FORMATS)("the format %s takes linear time for hostile texts", (format) => {
  const contracts = contractsOf({ properties: { a: { format } } }, [{}]);
  const units = ["a", "1", ".", "-", ":", "/", "%41", "a.", "a@", "1T", "::", "#", "P1", "~0", "/a", "+", "]", "é"];
  for (const unit of units) {
    const timeOf = (characters: number) => {
      const a = `${unit.repeat(characters / unit.length)}\u0001`;
      const event = parseEvent({ message: JSON.stringify({ type: "t", a }) });
      return fastest(() => {
        try {
          contracts.validate(event);
        } catch (error) {
          if (!(error instanceof RefusedMessageError)) throw error;
        }
      });
    };
    // Quadratic time would be 64 times as long.
    const [short, long] = [timeOf(32_768), timeOf(262_144)];
    expect({ unit, isLinear: long < 48 * Math.max(short, 4) }).toEqual({ unit, isLinear: true });
  }
});
