import fc from "fast-check";
import { variableOf } from "../../../stacks/options/environment";
import { InvalidOptionsError } from "../../../stacks/options/invalid-options-error";
import { allowedValues } from "../../../stacks/options/option-schemas";
import { readStage } from "../../../stacks/options/read-stage";
import { STAGE_SHAPE } from "../../../stacks/options/stage-options";

const OPTIONS = Object.entries(STAGE_SHAPE);
const PROTOTYPE_KEYS = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"];

/** Reads options as JSON.parse returns them from cdktf.json. */
function read(options: unknown, environment: NodeJS.ProcessEnv = {}) {
  const stages = JSON.parse(JSON.stringify({ prod: options }));
  return readStage({ stage: "prod", stages }, environment);
}

/** Returns an InvalidOptionsError's message; undefined if there is no error. Rethrows other errors. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.message;
    throw error;
  }
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.constantFrom<unknown>(null, [], {}, "", "0", " 1", "1e1", -0, 1e308, [[]], "true", 2 ** 53, "x".repeat(100_000)),
  fc.constantFrom("${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.1]}", "${var.name}", "%{if true}", "a\nb", "\u0000", "💥"),
);

test.each(OPTIONS)("accepts any JSON as %s, or rejects it by name", (key, schema) => {
  fc.assert(
    fc.property(anything, (value) => {
      const message = refusal(() => read({ [key]: value }));
      if (message === undefined) return true;
      // If the schema accepts the value, only a rule about several options can reject it.
      const isAlone = !schema.safeParse(JSON.parse(JSON.stringify(value))).success;
      return message.includes(isAlone ? `Invalid ${key} ` : key) && message.length < 2_000;
    }),
  );
});

test.each(OPTIONS)("accepts any text as the variable of %s, or rejects it by name", (key) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        anything.map((value) => JSON.stringify(value) ?? ""),
      ),
      (text) => {
        const message = refusal(() => read({}, { [variableOf(key)]: text }));
        return message === undefined || message.includes(key);
      },
    ),
  );
});

// A variable of a CI system that nobody has set is empty. Without its value, a deployment could lose its state.
test.each(["stage", ...OPTIONS.map(([key]) => key)])("rejects an empty variable of %s", (key) => {
  expect(refusal(() => read({ name: "alice" }, { [variableOf(key)]: "" }))).toContain('""');
});

test.each(OPTIONS)("rejects a CDKTF token as %s in cdktf.json", (key) => {
  for (const token of ["${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.0]}"]) {
    for (const value of [token, [token], { a: [token] }, { a: token }]) {
      expect(refusal(() => read({ [key]: value, kmsKey: key === "kmsKey" ? value : "create" }))).toContain(key);
    }
  }
});

test.each(PROTOTYPE_KEYS)("rejects the option %s, also in a subscriber", (key) => {
  const named = (value: string) => JSON.parse(`{"${key}": ${value}}`) as object;
  expect(refusal(() => readStage({ stage: "prod", stages: { prod: { ...named("{}") } } }, {}))).toContain(
    `option ${key}`,
  );
  const stageOf = (subscribers: string) => ({
    stage: "prod",
    stages: { prod: JSON.parse(`{"subscribers": ${subscribers}}`) },
  });
  expect(refusal(() => readStage(stageOf(`{"alerts": {"handler": "x", "${key}": 1}}`), {}))).toContain(
    `option subscribers.alerts.${key}`,
  );
  expect(refusal(() => readStage({ stage: key, stages: {} }, {}))).toContain(key);
});

test("rejects extremely deep JSON without a stack overflow", () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}["b"]${"}".repeat(levels)}`;
  for (const text of [deep(2_000), deep(200_000), "[".repeat(200_000), `${"[".repeat(50_000)}${"]".repeat(50_000)}`]) {
    for (const variable of ["FILTER_POLICY", "TAGS"]) {
      expect(refusal(() => read({}, { [`EVENT_PIPELINE_${variable}`]: text }))).toBeDefined();
    }
  }
});

test("describes the allowed values of every option", () => {
  for (const [, schema] of OPTIONS) expect(allowedValues(schema)).toMatch(/^\S.{5,}[^.]$/);
});
