import fc from "fast-check";
import { NAME_RULES, pipelineNames } from "../../contract/resource-names";
import { synthStack } from "../helpers/synthesized";

/** What Terraform would say: every rule of the variable has to hold. */
function isAllowed(name: string): boolean {
  const rules = synthStack().variable.name?.validation as { condition: string; error_message: string }[];
  return rules.every(({ condition, error_message }) => {
    expect(error_message).toBe(NAME_RULES.message);
    const pattern = /regex\("(.*)", var\.name\)/.exec(condition)?.[1];
    return new RegExp(pattern as string).test(name);
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
