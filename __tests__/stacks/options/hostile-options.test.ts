import fc from "fast-check";
import { variableOf } from "../../../stacks/options/environment";
import { InvalidOptionsError } from "../../../stacks/options/invalid-options-error";
import { kindOf } from "../../../stacks/options/kinds";
import { readStage } from "../../../stacks/options/read-stage";
import { STAGE_SHAPE } from "../../../stacks/options/stage-options";

const OPTIONS = Object.entries(STAGE_SHAPE);
const PROTOTYPE_KEYS = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"];

/** As cdktf.json would give it: what JSON.parse makes of the text. */
function read(options: unknown, environment: NodeJS.ProcessEnv = {}) {
  const stages = JSON.parse(JSON.stringify({ prod: options }));
  return readStage({ stage: "prod", stages }, environment);
}

/** What `act` is refused with; undefined when it is not refused. Anything else it throws is a fault. */
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

test.each(OPTIONS)("%s of any JSON is taken, or refused with a sentence that names it", (key, schema) => {
  fc.assert(
    fc.property(anything, (value) => {
      const message = refusal(() => read({ [key]: value }));
      if (message === undefined) return;
      expect(message).toContain(key);
      expect(message.length).toBeLessThan(2_000);
      // What the schema takes may only be refused for what it means with the other options.
      const alone = `${key} is `;
      if (!schema.safeParse(JSON.parse(JSON.stringify(value))).success) expect(message).toContain(alone);
    }),
  );
});

test.each(OPTIONS)("%s of any text in the environment is taken, or refused with a sentence that names it", (key) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        anything.map((value) => JSON.stringify(value) ?? ""),
      ),
      (text) => {
        const message = refusal(() => read({}, { [variableOf(key)]: text }));
        if (message !== undefined) expect(message).toContain(key);
      },
    ),
  );
});

test.each(OPTIONS)("%s takes no token of CDKTF that is written in cdktf.json", (key) => {
  for (const token of ["${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.0]}"]) {
    for (const value of [token, [token], { a: [token] }, { a: token }]) {
      expect(refusal(() => read({ [key]: value, kmsKey: key === "kmsKey" ? value : "create" }))).toContain(key);
    }
  }
});

test.each(PROTOTYPE_KEYS)("%s is no option, and none of a subscriber's", (key) => {
  const named = (value: string) => JSON.parse(`{"${key}": ${value}}`) as object;
  expect(refusal(() => readStage({ stage: "prod", stages: { prod: { ...named("{}") } } }, {}))).toContain(
    `There is no option ${key}`,
  );
  const stageOf = (subscribers: string) => ({
    stage: "prod",
    stages: { prod: JSON.parse(`{"subscribers": ${subscribers}}`) },
  });
  expect(refusal(() => readStage(stageOf(`{"alerts": {"handler": "x", "${key}": 1}}`), {}))).toContain(
    `There is no option subscribers.alerts.${key}`,
  );
  expect(refusal(() => readStage({ stage: key, stages: {} }, {}))).toContain("The stage is");
});

test("what nests without end is refused, not followed", () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}["b"]${"}".repeat(levels)}`;
  for (const text of [deep(2_000), deep(200_000), "[".repeat(200_000), `${"[".repeat(50_000)}${"]".repeat(50_000)}`]) {
    for (const variable of ["FILTER_POLICY", "TAGS"]) {
      expect(refusal(() => read({}, { [`EVENT_PIPELINE_${variable}`]: text }))).toBeDefined();
    }
  }
});

test("every kind of option says what it may be", () => {
  for (const [, schema] of OPTIONS) expect(kindOf(schema).allowed).toMatch(/^\S.{5,}[^.]$/);
});
