import { NAME_RULES, pipelineNames, RESERVED_NAMES } from "@event-pipeline/event-model/resource-names";
import { stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import fc from "fast-check";
import type { GivenStageOptions } from "../../stacks/options/stage-options";

type Rules = readonly { condition: string; error_message: string }[];

const rulesWith = (options: GivenStageOptions) =>
  synthStack({ stage: stageWith(options) }).variable.name?.validation as Rules;
const RULES = rulesWith({});
const RULES_WITH_BUCKET = rulesWith({ rawBucketName: "acme-events" });

/** Evaluates the validation rules of Terraform's variable `name`. */
function isAllowed(name: string, rules = RULES): boolean {
  return rules.every(({ condition, error_message }) => {
    expect([NAME_RULES.message, RESERVED_NAMES.message]).toContain(error_message);
    const [, not, pattern] = /^\$\{(!?)can\(regex\("(.*)", var\.name\)\)\}$/.exec(condition) ?? [];
    return new RegExp(pattern as string).test(name) === (not === "");
  });
}

test.each(["alice", "a1", "team-7", "a".repeat(40)])("accepts the name %p", (name) => {
  expect(isAllowed(name)).toBe(true);
});

test.each(["", "a", "Alice", "1a", "-a", "a-", "a--b", "a_b", "a.b", "ä", "a b", "a".repeat(41)])(
  "rejects the name %p",
  (name) => {
    expect(isAllowed(name)).toBe(false);
  },
);

test.each(["sthree", "sthree-a", "amzn-s3-demo", "amzn-s3-demo-a"])(
  "rejects %p, because S3 reserves the bucket's name, unless rawBucketName is set",
  (name) => {
    expect(isAllowed(name)).toBe(false);
    expect(isAllowed(name, RULES_WITH_BUCKET)).toBe(true);
  },
);

test.each(["sthreea", "a-sthree", "amzn-s3", "amzn-s3-demos"])("accepts %p, which S3 does not reserve", (name) => {
  expect(isAllowed(name)).toBe(true);
});

test("derives valid resource names from every allowed name", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const name = fc
    .tuple(fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/), fc.array(part, { maxLength: 4 }))
    .map(([first, rest]) => [first, ...rest].join("-").slice(0, 40).replace(/-$/, ""));
  fc.assert(
    fc.property(name, (value) => {
      const names = pipelineNames(value);
      expect(names.rawBucket).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
      for (const each of Object.values(names)) expect(each.length).toBeLessThanOrEqual(64);
    }),
  );
});
