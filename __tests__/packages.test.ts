// Checks which package may import which, including type imports.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "@swc/core";

/** The packages that the sources of a package may import. `root` is main.ts, stacks and lambda-src. */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  "event-model": "",
  contracts: "event-model",
  "sns-filter-policy": "",
  "iam-policy": "",
  "node-process": "",
  "stage-output": "",
  "terraform-json": "",
  "local-aws": "event-model iam-policy node-process sns-filter-policy",
  operations: "contracts event-model iam-policy sns-filter-policy terraform-json",
  console: "event-model operations node-process",
  cli: "console contracts event-model operations node-process",
  "local-run": "console contracts event-model local-aws operations node-process terraform-json",
  bench: "contracts event-model local-aws node-process testing",
  root: "contracts event-model sns-filter-policy stage-output",
};
/** Files that may import by path, because a workspace has no name for the root. */
const BY_PATH = /^packages\/testing\/(local-run|synthesized|synthesized-stage)\.ts$/;
/** Files that may import every package: tests and tools. */
const ANY_PACKAGE = /(^|\/)__tests__\/|^packages\/testing\/|^tools\//;

type Node = Readonly<Record<string, unknown>> & { readonly type?: string };
type Files = Readonly<Record<string, string>>;

/** Returns what a file imports by import, import type, export from, import() and types such as import("…").T. */
function specifiersIn(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    const { type = "", source, argument, callee, arguments: args } = node as Record<string, Node> & { type?: string };
    if (/^(Import|Export\w+)Declaration$/.test(type) && source) found.push(String(source.value));
    if (type === "TsImportType") found.push(String(argument?.value));
    if (callee?.type === "Import") found.push(String((args as unknown as { expression: Node }[])[0]?.expression.value));
    for (const child of Object.values(node)) if (typeof child === "object" && child !== null) visit(child as Node);
  };
  visit(parseSync(text, { syntax: "typescript", tsx: file.endsWith(".tsx") }) as unknown as Node);
  return found;
}

const packageOf = (file: string): string => /^packages\/([^/]+)\//.exec(file)?.[1] ?? "root";

function faultsIn(files: Files): string[] {
  const faults: string[] = [];
  const importsOf = new Map<string, string[]>();
  const fileAt = (path: string) =>
    ["", ".ts", ".tsx", ".mjs", ".d.ts"].map((end) => path + end).find((it) => it in files);
  for (const [file, text] of Object.entries(files)) {
    const targets: string[] = [];
    for (const specifier of specifiersIn(file, text)) {
      const [, name, path] = /^@event-pipeline\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
      const fault = `${file} imports ${specifier}`;
      if (name !== undefined) {
        targets.push(fileAt(`packages/${name}/${path}`) ?? "");
        if (!ANY_PACKAGE.test(file) && !MAY_IMPORT[packageOf(file)]?.split(" ").includes(name)) faults.push(fault);
      } else if (specifier.startsWith(".")) {
        const target = join(dirname(file), specifier);
        targets.push(fileAt(target) ?? "");
        const isOwn = packageOf(target) === packageOf(file) && !target.startsWith("node_modules");
        if (!isOwn && !BY_PATH.test(file)) faults.push(fault);
      }
    }
    importsOf.set(file, targets.filter(Boolean));
  }
  return [...faults, ...cyclesIn(importsOf)];
}

function cyclesIn(importsOf: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const visited = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (visited.has(file)) return;
    visited.add(file);
    for (const next of importsOf.get(file) ?? []) visit(next, [...path, file]);
  };
  for (const file of importsOf.keys()) visit(file, []);
  return cycles;
}

test.each<[string, string, string]>([
  ["a type import in the wrong direction", "event-model", 'import type { A } from "@event-pipeline/cli/a";'],
  ["an import by path", "console", 'export const a = import("../cli/a");'],
  ["a type import by path", "console", 'export type A = import("../cli/a").A;'],
  ["a cycle of types", "cli", 'import type { B } from "./b";'],
])("sees %s", (_, name, text) => {
  const other = { [`packages/${name}/b.ts`]: 'export type { A } from "./a";' };
  expect(faultsIn({ [`packages/${name}/a.ts`]: text, ...other })).toHaveLength(1);
});

test("packages import each other by name and in one direction, and no files import each other in a cycle", () => {
  const folders = ["stacks", "lambda-src", "packages", "tools", "__tests__"];
  const paths = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  const code = ["main.ts", ...paths].filter((path) => /\.(tsx?|mjs)$/.test(path) && !path.includes("node_modules"));
  expect(faultsIn(Object.fromEntries(code.map((path) => [path, readFileSync(path, "utf8")])))).toEqual([]);
});
