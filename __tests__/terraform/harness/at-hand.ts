import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutArchives } from "./archives";
import { newerThan, overriding } from "./overrides";
import { type Blocks, readStack, STACK_FILE, type StackFile } from "./stack-file";
import { makeZips } from "./zip";

/** Versions of the available providers, by name in `required_providers`. */
export type Versions = Readonly<Record<string, string>>;

type Settings = NonNullable<StackFile["terraform"]>;

const VERSIONS_FILE = "provider-versions.json";
/** The suffix makes these files override files: https://developer.hashicorp.com/terraform/language/files/override */
const OVERRIDES = {
  providers: "providers_override.tf.json",
  moto: "moto_override.tf.json",
  ignored: "ignored_override.tf.json",
} as const;

export function saveVersions(root: string, versions: Versions): void {
  writeFileSync(join(root, VERSIONS_FILE), JSON.stringify(versions));
}

export function savedVersions(root: string): Versions {
  return JSON.parse(readFileSync(join(root, VERSIONS_FILE), "utf8")) as Versions;
}

/**
 * Lets Terraform run the stack in `folder` with the available providers, by an override file next to it. Without the archive
 * provider, it rewrites the stack itself to use zips of the harness.
 *
 * @returns one sentence for each change
 */
export async function fitToProviders(folder: string, versions: Versions): Promise<string[]> {
  const stack = readStack(folder);
  const archives = versions.archive === undefined && stack.terraform?.required_providers?.archive !== undefined;
  if (archives) {
    const without = withoutArchives(stack, await makeZips(folder, stack));
    writeFileSync(join(folder, STACK_FILE), JSON.stringify(without, null, 2));
  }
  return [
    ...(archives ? ["provider archive: left out, Terraform cannot install it; the harness creates its zips"] : []),
    ...overrideProviders(folder, readStack(folder), versions),
  ];
}

/** Does the same for a stack without archives. */
export function overrideProviders(folder: string, stack: StackFile, versions: Versions): string[] {
  const required = Object.entries(stack.terraform?.required_providers ?? {});
  const others = required.filter(([name, { version }]) => versions[name] !== undefined && versions[name] !== version);
  const { resource, changes } = overriding(stack, newerThan(versions.aws ?? "0"));
  const pinned = others.map(([name, { source }]) => [name, { source, version: versions[name] }]);
  override(folder, "providers", resource, { required_providers: Object.fromEntries(pinned) });
  return [
    ...others.map(([name, { version }]) => `provider ${name}: version ${version} → ${versions[name]}`),
    ...changes,
  ];
}

/** Writes an override file next to the stack, which replaces arguments of resources. */
export function override(
  folder: string,
  kind: keyof typeof OVERRIDES,
  resource: Blocks,
  settings: Settings = {},
): void {
  // Terraform refuses an empty block of resources, because its label is missing.
  const file = Object.keys(resource).length > 0 ? { terraform: settings, resource } : { terraform: settings };
  writeFileSync(join(folder, OVERRIDES[kind]), JSON.stringify(file, null, 2));
}
