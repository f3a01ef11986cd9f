import { readFileSync } from "node:fs";
import { STAGE_SHAPE } from "../../stacks/options/stage-options";
import { findings, scanner } from "../fixtures/checkov-findings.json";

const STAGES = ["dev", "prod", "everything on"] as const;
const document = readFileSync("SECURITY.md", "utf8");
const rows = [...document.matchAll(/^\| `(CKV\w+)` \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| (.+) \|$/gm)].map(
  ([, check = "", dev, prod, everythingOn, answer = ""]) => ({
    check,
    counts: { dev: Number(dev), prod: Number(prod), "everything on": Number(everythingOn) },
    answer,
  }),
);

test("SECURITY.md explains each check that Checkov reports, with the scan's counts", () => {
  expect(Object.fromEntries(rows.map(({ check, counts }) => [check, counts]))).toEqual(findings);
  expect(document).toContain(`Checkov ${/checkov ([\d.]+)/.exec(scanner)?.[1]}`);
});

test("SECURITY.md states each stage's total", () => {
  const sums = STAGES.map((stage) => Object.values(findings).reduce((sum, counts) => sum + counts[stage], 0));
  const [, ...named] = /reports (\d+) findings for `dev`, (\d+) for `prod`, and (\d+) for/.exec(document) ?? [];
  expect(named.map(Number)).toEqual(sums);
});

test.each(rows)("$check: names an option if and only if options change the count", ({ counts, answer }) => {
  const [, option] = /^`(\w+)`/.exec(answer) ?? [];
  expect(option !== undefined && Object.hasOwn(STAGE_SHAPE, option)).toBe(counts["everything on"] < counts.prod);
});
