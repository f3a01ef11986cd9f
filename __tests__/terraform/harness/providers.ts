import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child, type Environment } from "@event-pipeline/testing/child";
import { QUIET } from "./environment";
import { type RequiredProviders, STACK_FILE } from "./stack-file";

export interface Providers {
  /** Versions by name in `required_providers`; an absent provider is not available. */
  readonly versions: Readonly<Record<string, string>>;
  /** Folders to which Terraform installed them, in the layout of a filesystem mirror. */
  readonly mirrors: readonly string[];
  /** Errors of `terraform init` for the required versions; absent if it installed them. */
  readonly insteadBecause?: string;
}

interface Installed {
  readonly versions: Readonly<Record<string, string>>;
  readonly mirror: string;
}

/** Time to download the AWS provider's 150 MB; without a registry, Terraform fails within seconds. */
const INIT_LIMIT_MS = 5 * 60_000;
const REGISTRY_LIMITS = { TF_REGISTRY_CLIENT_TIMEOUT: "5", TF_REGISTRY_DISCOVERY_RETRY: "0" } as const;

/**
 * Lets Terraform install `required`: all required versions, or else for each provider the required or the newest version.
 *
 * @param folder target folder; it must not exist
 * @throws Error that says how to get the AWS provider, if there is none; the others are optional.
 */
export async function findProviders(
  required: RequiredProviders,
  folder: string,
  env: Environment = process.env,
): Promise<Providers> {
  const asked = await install(required, join(folder, "asked"), env);
  if (typeof asked !== "string") return { versions: asked.versions, mirrors: [asked.mirror] };
  const found: Installed[] = [];
  for (const [name, provider] of Object.entries(required)) {
    const { source, version } = provider;
    const exact = await install({ [name]: provider }, join(folder, name), env);
    const any =
      typeof exact === "string" ? await install({ [name]: { source } }, join(folder, `any-${name}`), env) : exact;
    if (typeof any !== "string") found.push(any);
    else if (name === "aws") throw new Error(noProvider(version, any));
  }
  return {
    versions: Object.assign({}, ...found.map(({ versions }) => versions)),
    mirrors: found.map(({ mirror }) => mirror),
    insteadBecause: asked,
  };
}

/** Returns a CLI configuration that lets Terraform install only from these mirrors. */
export function cliConfig({ mirrors }: Pick<Providers, "mirrors">): string {
  const blocks = mirrors.map((mirror) => `  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n`);
  return `provider_installation {\n${blocks.join("")}}\n`;
}

/** @returns Terraform's output, if it cannot install them. */
async function install(required: RequiredProviders, folder: string, env: Environment): Promise<Installed | string> {
  // Its own cache, because copies of other checkouts in the user's cache may be incomplete.
  const TF_PLUGIN_CACHE_DIR = join(folder, "cache");
  mkdirSync(TF_PLUGIN_CACHE_DIR, { recursive: true });
  writeFileSync(join(folder, STACK_FILE), JSON.stringify({ terraform: { required_providers: required } }));
  const terraform = (...args: string[]) =>
    new Child("terraform", args, {
      cwd: folder,
      env: {
        ...env,
        ...QUIET,
        ...REGISTRY_LIMITS,
        TF_PLUGIN_CACHE_DIR,
      },
    }).finished(INIT_LIMIT_MS);
  const { code, stdout, stderr } = await terraform("init", "-backend=false", "-input=false", "-no-color");
  if (code !== 0) return `${stdout}\n${stderr}`.trim();
  const { provider_selections: selected } = JSON.parse((await terraform("version", "-json")).stdout) as {
    provider_selections: Readonly<Record<string, string>>;
  };
  const versions = Object.entries(required).map(([name, { source }]) => [name, selected[addressOf(source)]]);
  return { versions: Object.fromEntries(versions), mirror: join(folder, ".terraform", "providers") };
}

/** A provider of Terraform's public registry, such as `hashicorp/aws` or, for short, `aws`. */
function addressOf(source: string): string {
  return `registry.terraform.io/${source.includes("/") ? source : `hashicorp/${source}`}`;
}

function noProvider(wanted: string | undefined, said: string): string {
  return [
    `test:terraform needs the AWS provider (${wanted ?? "any version"} or an older one), and \`terraform init\` cannot install it:`,
    said,
    "Run it where the provider registry can be reached; or unpack a provider's zip from",
    "https://releases.hashicorp.com/terraform-provider-aws/ into a filesystem mirror, and name that in a CLI configuration file:",
    "https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation (TF_CLI_CONFIG_FILE says which).",
  ].join("\n");
}
