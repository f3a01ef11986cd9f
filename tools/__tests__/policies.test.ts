import { readFileSync } from "node:fs";
import { OPERATOR_KEY_POLICIES, OPERATOR_POLICIES } from "@event-pipeline/operations/permissions";
import { DEPLOYER_POLICIES } from "../../stacks/deployer-policies";
import { withPolicies } from "../policies";

const POLICIES = Object.entries({ ...OPERATOR_POLICIES, ...OPERATOR_KEY_POLICIES, ...DEPLOYER_POLICIES });

test("docs/permissions.md has the generated policies: npm run docs:permissions writes them", () => {
  const document = readFileSync("docs/permissions.md", "utf8");
  expect(document).toBe(withPolicies(document));
});

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_POLICY_CHARACTERS = 6_144;

test.each(POLICIES)("%s fits into a managed policy with the longest of names", (_, Statement) => {
  const longest = { "{name}": "n".repeat(40), "{subscriber}": "s".repeat(12), REGION: "ap-southeast-1" };
  const text = Object.entries({ ...longest, ACCOUNT: "1".repeat(12), KEY_ID: "k".repeat(36) }).reduce(
    (filled, [placeholder, value]) => filled.replaceAll(placeholder, value),
    JSON.stringify({ Version: "2012-10-17", Statement }),
  );
  expect(text.length).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
});

test.each(POLICIES)("%s allows no action by a wildcard, and names each statement once", (_, statements) => {
  expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
  const ids = statements.map(({ Sid }) => Sid);
  expect(ids).toEqual([...new Set(ids)]);
});
