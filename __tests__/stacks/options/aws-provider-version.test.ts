import { readFileSync } from "node:fs";
import { PROJECT_ROOT, type Synthesized, stageWith } from "@event-pipeline/testing/synthesized";
import { Testing } from "cdktf";
import { devDependencies, peerDependencies } from "../../../package.json";
import { EventPipelineStack } from "../../../stacks/event-pipeline-stack";
import type { GivenStageOptions } from "../../../stacks/options/stage-options";
import { validateStageOptions } from "../../../stacks/options/validate-options";

/** The provider version that the project's bindings require. */
const BOUND = "6.25.0";
/** Provider versions by version of @cdktf/provider-aws, from `npm view … cdktf.provider.version`. */
const BINDINGS = { "20.1.0": "5.100.0", "21.15.0": "6.18.0", "21.16.0": "6.19.0", "21.22.1": BOUND } as const;

function stackOf(options: GivenStageOptions) {
  const stack = new EventPipelineStack(Testing.app(), "event-pipeline", {
    projectRoot: PROJECT_ROOT,
    stage: stageWith(options),
  });
  const { terraform } = JSON.parse(Testing.synth(stack, true)) as Synthesized;
  const { aws } = terraform.required_providers as { aws: unknown };
  const warnings = stack.node.metadata.map(({ data }) => String(data));
  return { aws, warnings };
}

function accepted(awsProviderVersion: string): boolean {
  try {
    validateStageOptions({ awsProviderVersion });
    return true;
  } catch (error) {
    expect(String(error)).toContain(`awsProviderVersion ${JSON.stringify(awsProviderVersion)}: expected`);
    return false;
  }
}

test("requires the bindings' provider version unless another version is set", () => {
  expect(stackOf({}).aws).toEqual({ source: "aws", version: BOUND });
  expect(stackOf({ awsProviderVersion: "6.66.0" }).aws).toEqual({ source: "aws", version: "6.66.0" });
});

test.each(["6.19.0", "6.20.1", "6.100.0", "7.0.0", "10.2.3"])("accepts the version %s", (version) => {
  expect(accepted(version)).toBe(true);
});

test.each([
  ...["", "6", "6.25", "v6.25.0", "~> 6.25", ">= 6.35.0", "6.35.0-beta1", "06.35.0", "6.035.0", " 6.35.0", "6.35.0\n"],
  ...["5.100.0", "6.18.99", "6.9.0", "0.0.0", "latest", "6.35.0, < 7", "6.35.0.1", "٦.٣٥.٠", "6.123456.0"],
])("rejects %j", (version) => expect(accepted(version)).toBe(false));

test.each([
  [undefined, "44692"],
  ["6.19.0", "44692"],
  ["6.28.9", "44692"],
  ["6.29.0", undefined],
  ["6.30.0", "46755"],
  ["6.34.0", "46755"],
  ["6.35.0", undefined],
  ["6.66.0", undefined],
  ["7.0.0", undefined],
])("with eventIdIndex and the provider %s, warns about issue %s", (version, issue) => {
  const awsProviderVersion = version === undefined ? {} : { awsProviderVersion: version };
  const { warnings } = stackOf({ eventIdIndex: true, ...awsProviderVersion });
  expect(warnings).toEqual(
    issue === undefined ? [] : [expect.stringMatching(`AWS provider ${version ?? BOUND} .*/issues/${issue}\\)`)],
  );
  expect(stackOf(awsProviderVersion).warnings).toEqual([]);
});

test.each(["docs/cdktf.md", "docs/options.md", "docs/adoption.md"])("%s has the provider version", (document) => {
  expect(readFileSync(document, "utf8")).toContain(BOUND);
});

test("docs/cdktf.md has the versions of CDKTF's packages", () => {
  const versions = Object.entries(devDependencies).flatMap(([name, version]) =>
    /^cdktf(-cli)?$|^@cdktf\/provider/.test(name) ? [version] : [],
  );
  expect(versions.filter((version) => !readFileSync("docs/cdktf.md", "utf8").includes(version))).toEqual([]);
});

test("accepts no bindings whose provider version rejects the stack", () => {
  const [, floor = "", ceiling] = /^>=(\S+) <(\d+)$/.exec(peerDependencies["@cdktf/provider-aws"]) ?? [];
  const [older] = Object.keys(BINDINGS)
    .filter((version) => version.localeCompare(floor, "en", { numeric: true }) < 0)
    .slice(-1);
  expect(accepted(BINDINGS[floor as keyof typeof BINDINGS])).toBe(true);
  expect(accepted(BINDINGS[older as keyof typeof BINDINGS])).toBe(false);
  const installed = devDependencies["@cdktf/provider-aws"];
  expect(Object.keys(BINDINGS)).toContain(installed);
  expect(Number(installed.split(".")[0]) + 1).toBe(Number(ceiling));
});
