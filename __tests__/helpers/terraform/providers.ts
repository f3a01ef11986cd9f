import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Child, type Environment } from "./child";
import { QUIET } from "./environment";
import { findInMirrors, folderOfProvider, mirrorFolders } from "./mirrors";
import { readStack, STACK_FILE, type StackFile } from "./stack-file";

export interface Providers {
  /** Versions by name in `required_providers`; an absent provider was not found. */
  readonly versions: Readonly<Record<string, string>> & { readonly aws: string };
  /** Which folder each comes from. */
  readonly mirrors: readonly { readonly mirror: string; readonly source: string }[];
  /** Why the providers are not those that the stack asks for; absent when they are. */
  readonly insteadBecause?: string;
}

/** Long enough for the AWS provider's 150 MB; without a registry it answers within seconds. */
const INIT_LIMIT_MS = 5 * 60_000;
const REGISTRY_LIMITS = { TF_REGISTRY_CLIENT_TIMEOUT: "5", TF_REGISTRY_DISCOVERY_RETRY: "0" } as const;

/** The providers that the stack in `folder` asks for, or the nearest that this machine has. */
export async function findProviders(folder: string, env: Environment): Promise<Providers> {
  const stack = readStack(folder);
  const probe = join(folder, "..", "probe");
  mkdirSync(probe);
  cpSync(join(folder, STACK_FILE), join(probe, STACK_FILE));
  const init = new Child("terraform", ["init", "-backend=false", "-input=false", "-no-color"], {
    cwd: probe,
    env: { ...env, ...QUIET, ...REGISTRY_LIMITS },
  });
  const { code, stdout, stderr } = await init.finished(INIT_LIMIT_MS);
  // What init installed is itself laid out as a mirror.
  if (code === 0) return chooseProviders(stack, [join(probe, ".terraform", "providers")]);
  return { ...chooseProviders(stack, [...mirrorFolders(env)]), insteadBecause: `${stdout}\n${stderr}`.trim() };
}

/** @throws Error that says how to get the AWS provider when no folder has it; the others can be done without. */
export function chooseProviders(stack: StackFile, folders: readonly string[]): Providers {
  const required = Object.entries(stack.terraform?.required_providers ?? {});
  const found = required.flatMap(([name, { source, version: wanted }]) => {
    const { mirror, version } = findInMirrors(source, wanted, folders) ?? {};
    return mirror !== undefined && version !== undefined ? [{ name, source, mirror, version }] : [];
  });
  const aws = found.find(({ name }) => name === "aws");
  if (!aws) throw new Error(noProvider(stack.terraform?.required_providers?.aws?.version));
  return {
    versions: { ...Object.fromEntries(found.map(({ name, version }) => [name, version])), aws: aws.version },
    mirrors: found.map(({ mirror, source }) => ({ mirror, source })),
  };
}

function noProvider(wanted = "any version"): string {
  return [
    `test:terraform needs the AWS provider (${wanted}), but \`terraform init\` cannot install it and no filesystem mirror on this machine holds one.`,
    "Run it once where the provider registry can be reached, or put the provider's zip from",
    "https://releases.hashicorp.com/terraform-provider-aws/ into",
    `${join("~", ".terraform.d", "plugins", folderOfProvider("aws"))}.`,
  ].join("\n");
}

/** A CLI config that lets Terraform install from the found folders and nowhere else. */
export function cliConfig({ mirrors }: Providers): string {
  const blocks = mirrors.map(
    ({ mirror, source }) =>
      `  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n    include = [${JSON.stringify(include(source))}]\n  }\n`,
  );
  return `provider_installation {\n${blocks.join("")}}\n`;
}

function include(source: string): string {
  return folderOfProvider(source).replaceAll("\\", "/");
}
