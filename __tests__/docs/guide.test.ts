import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { PROJECT_ROOT, synthStack } from "@event-pipeline/testing/synthesized";
import { TerraformResource, Testing } from "cdktf";
import type { IConstruct } from "constructs";
import { EventPipelineStack } from "../../stacks/event-pipeline-stack";
import { readContext } from "../../stacks/options/read-context";
import { readStage } from "../../stacks/options/read-stage";
import { addressOf } from "../../stacks/terraform";
import guide from "../fixtures/guide.tf.json";

type Arguments = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

const document = readFileSync("docs/guide.md", "utf8");
const rows = [...document.matchAll(/^\| (.*) \|$/gm)].map(([, cells = ""]) => cells.split(" | "));

/** Metadata of CDKTF, and an argument that only orders the creation. */
const IGNORED: readonly string[] = ["//", "depends_on"];
const ADDRESS = /`(aws_\w+\.\w+)`/;

/** The stage that npm run synth synthesizes. */
const stage = readStage(readContext("cdktf.json"), {});
/** The resources of the guide, with the arguments that it sets. */
const theirs = byAddress(guide.resource);
/** The resources of the synthesized JSON. */
const ours = byAddress(synthStack({ stage }).resource);

function byAddress(resources: Resources): Map<string, Arguments> {
  return new Map(
    Object.entries(resources).flatMap(([type, named]) =>
      Object.entries(named).map(([name, args]) => [`${type}.${name}`, args] as const),
    ),
  );
}

/** The rows that name the file of a resource. */
const madeBy = rows.flatMap(([_step = "", resource = "", file = ""]) => {
  const [, address] = ADDRESS.exec(resource) ?? [];
  return address !== undefined && file.startsWith("`stacks/") ? [{ address, file: file.replaceAll("`", "") }] : [];
});

/** The rows of the steps: an argument that differs from the guide's, and its value here. */
const differences = rows.flatMap(([resource = "", argument = "", here = ""]) => {
  const [, address] = /^`(aws_\w+\.\w+)`$/.exec(resource) ?? [];
  return address === undefined ? [] : [{ address, argument: argument.replaceAll("`", ""), here }];
});

test("docs/guide.md has each resource of the guide, at the guide's address", () => {
  expect(theirs.size).toBe(6);
  expect(madeBy.map(({ address }) => address)).toEqual(expect.arrayContaining([...theirs.keys()]));
});

test.each(madeBy)("$address is in the synthesized JSON, created by $file", ({ address, file }) => {
  expect([...ours.keys()]).toContain(address);
  const stack = new EventPipelineStack(Testing.app(), "event-pipeline", { projectRoot: PROJECT_ROOT, stage });
  const resource = stack.node
    .findAll()
    .find((construct) => TerraformResource.isTerraformResource(construct) && addressOf(construct) === address);
  const exported = Object.values(require(`../../${file}`) as Record<string, unknown>);
  expect(exported).toContain((resource as IConstruct).node.scope?.constructor);
});

test("docs/guide.md lists each argument that differs from the guide's, and no other", () => {
  const found = [...theirs].flatMap(([address, given]) => {
    const own = ours.get(address) ?? {};
    return Object.keys({ ...given, ...own })
      .filter((argument) => !IGNORED.includes(argument))
      .filter((argument) => !isDeepStrictEqual(decoded(own[argument]), decoded(given[argument])))
      .map((argument) => `${address} ${argument}`);
  });
  expect(differences.map(({ address, argument }) => `${address} ${argument}`).sort()).toEqual(found.sort());
});

test.each(differences.filter(({ here }) => here.startsWith("`") && here.endsWith("`")))(
  "the value of $address $argument is $here",
  ({ address, argument, here }) => {
    expect(JSON.stringify(ours.get(address)?.[argument])).toBe(here.replaceAll("`", ""));
  },
);

test("the queue's policy has the guide's statement, and the one that docs/guide.md names", () => {
  const statementsOf = (resources: typeof ours) => {
    const policy = decoded(resources.get("aws_sqs_queue_policy.allow_sns")?.policy);
    return (policy as { readonly Statement: readonly { readonly Sid?: string }[] }).Statement;
  };
  const [{ here = "" } = {}] = differences.filter(({ argument }) => argument === "policy");
  expect(statementsOf(ours)).toEqual([...statementsOf(theirs), expect.objectContaining({ Sid: "TlsOnly" })]);
  expect(here).toContain("`TlsOnly`");
});

test("every file says at its first mention what the guide is", () => {
  const files = execFileSync("git", ["ls-files"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => /\.(md|ts|tsx|mjs)$/.test(file) && !/__tests__|^docs\/guide\.md$/.test(file) && existsSync(file));
  const unexplained = files.filter((file) => {
    const paragraphs = readFileSync(file, "utf8")
      .split(/\n\s*\n/)
      .filter((paragraph) => !paragraph.startsWith("# "));
    const first = paragraphs.find((paragraph) => /\bthe (?:published )?\[?guide\b/i.test(paragraph));
    return first !== undefined && !first.includes("guide.md");
  });
  expect(unexplained).toEqual([]);
});

/** Returns an argument's value, and for JSON in a text or in `jsonencode` the value of the JSON. */
function decoded(argument: unknown): unknown {
  if (typeof argument !== "string") return argument;
  const [, hcl] = /^\$\{jsonencode\((.*)\)\}$/.exec(argument) ?? [];
  if (hcl !== undefined) return JSON.parse(jsonOf(hcl));
  return argument.startsWith("{") ? JSON.parse(argument) : argument;
}

/** Returns the JSON of an HCL expression, with references as in JSON: `${aws_sns_topic.events.arn}`. */
function jsonOf(hcl: string): string {
  return hcl
    .replace(/(?<=[{,] *)(\w+) = /g, '"$1": ')
    .replaceAll('" = ', '": ')
    .replace(/(?<= )(aws_\w+\.\w+\.\w+)/g, '"${$1}"');
}
