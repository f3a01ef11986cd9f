import { eventProcessorNames, pipelineNames, subscriberNames } from "@event-pipeline/event-model/resource-names";
import { COMMAND_POLICIES, POLICIES } from "@event-pipeline/testing/policies";

const NAMES = new Set<string>(
  [pipelineNames("{name}"), eventProcessorNames("{name}"), subscriberNames("{name}", "{subscriber}")].flatMap((names) =>
    Object.values(names),
  ),
);

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_POLICY_CHARACTERS = 6_144;

test.each([...POLICIES])("%s fits into a managed policy with the longest of names", (_, Statement) => {
  const longest = { "{name}": "n".repeat(40), "{subscriber}": "s".repeat(12), REGION: "ap-southeast-1" };
  const text = Object.entries({ ...longest, ACCOUNT: "1".repeat(12), KEY_ID: "k".repeat(36) }).reduce(
    (filled, [placeholder, value]) => filled.replaceAll(placeholder, value),
    JSON.stringify({ Version: "2012-10-17", Statement }),
  );
  expect(text.length).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
});

test.each([...POLICIES])("%s allows no action by a wildcard, and names each statement once", (_, statements) => {
  expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
  const ids = statements.map(({ Sid }) => Sid);
  expect(ids).toEqual([...new Set(ids)]);
});

test.each([...POLICIES])("%s names only resources that a pipeline has", (_, statements) => {
  const resources = statements.flatMap(({ Resource }) => Resource);
  const names = resources.flatMap((resource) => /(?:alias\/)?\{name\}(?:[-\w{}]*[\w}])?/.exec(resource) ?? []);
  expect(names.filter((name) => !NAMES.has(name))).toEqual([]);
});

test("has the policies that the commands need", () => {
  const needed = new Set(Object.values(COMMAND_POLICIES).flat());
  expect([...needed].filter((policy) => !POLICIES.has(policy))).toEqual([]);
  // doctor reads only settings, which no key encrypts.
  needed.delete("doctor");
  expect([...needed].filter((policy) => !POLICIES.has(`${policy}-key`))).toEqual([]);
});
