import { NAME_RULES, pipelineNames, RESERVED_NAMES } from "@event-pipeline/event-model/resource-names";
import { stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import fc from "fast-check";
import type { GivenStageOptions } from "../../stacks/options/stage-options";

/** What Terraform would say: every rule of the variable has to hold. */
function isAllowed(name: string, options: GivenStageOptions = {}): boolean {
  const { variable } = synthStack({ stage: stageWith(options) });
  const rules = variable.name?.validation as { condition: string; error_message: string }[];
  return rules.every(({ condition, error_message }) => {
    expect([NAME_RULES.message, RESERVED_NAMES.message]).toContain(error_message);
    const [, not, pattern] = /^\$\{(!?)can\(regex\("(.*)", var\.name\)\)\}$/.exec(condition) ?? [];
    return new RegExp(pattern as string).test(name) === (not === "");
  });
}

test.each(["alice", "a1", "team-7", "a".repeat(40)])("%p is a name", (name) => {
  expect(isAllowed(name)).toBe(true);
});

test.each(["", "a", "Alice", "1a", "-a", "a-", "a--b", "a_b", "a.b", "ä", "a b", "a".repeat(41)])(
  "%p is no name",
  (name) => {
    expect(isAllowed(name)).toBe(false);
  },
);

test.each(["sthree", "sthree-a", "amzn-s3-demo", "amzn-s3-demo-a"])(
  "%p would make a bucket of a name that S3 reserves, unless the bucket has its own",
  (name) => {
    expect(isAllowed(name)).toBe(false);
    expect(isAllowed(name, { rawBucketName: "acme-events" })).toBe(true);
  },
);

test.each(["sthreea", "a-sthree", "amzn-s3", "amzn-s3-demos"])("%p only looks like one", (name) => {
  expect(isAllowed(name)).toBe(true);
});

test("every allowed name makes resource names that AWS allows", () => {
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
