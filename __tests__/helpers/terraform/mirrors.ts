import { type Dirent, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Environment } from "./child";

/** How far below each usual root a mirror is looked for, and how many folders are opened in all. */
const SEARCH = { depth: 5, folders: 20_000 } as const;
const NOT_SEARCHED = new Set(["node_modules", "proc", "sys", "dev"]);

/** A provider of Terraform's public registry, such as `hashicorp/aws`. */
export function folderOfProvider(source: string): string {
  return join("registry.terraform.io", ...(source.includes("/") ? [source] : ["hashicorp", source]));
}

/**
 * The folder, laid out as a filesystem mirror, that holds `source` for this
 * machine, and its newest version; `wanted` when the folder has that one.
 */
export function findInMirrors(
  source: string,
  wanted: string,
  mirrors: readonly string[],
): { mirror: string; version: string } | undefined {
  for (const mirror of mirrors) {
    const versions = versionsIn(join(mirror, folderOfProvider(source)));
    const version = versions.includes(wanted) ? wanted : versions.sort(compareVersions).at(-1);
    if (version !== undefined) return { mirror, version };
  }
  return undefined;
}

/** Where Terraform itself looks first, then its caches, then a bounded search of the usual roots. */
export function* mirrorFolders(env: Environment, home = homedir()): Generator<string> {
  yield* mirrorsOfCliConfig(env.TF_CLI_CONFIG_FILE ?? join(home, ".terraformrc"));
  yield join(home, ".terraform.d", "plugins");
  yield join(home, "Library", "Application Support", "io.terraform", "plugins");
  yield join(env.XDG_DATA_HOME ?? join(home, ".local", "share"), "terraform", "plugins");
  for (const folder of (env.XDG_DATA_DIRS ?? ["/usr/local/share", "/usr/share"].join(delimiter)).split(delimiter)) {
    yield join(folder, "terraform", "plugins");
  }
  if (env.TF_PLUGIN_CACHE_DIR) yield env.TF_PLUGIN_CACHE_DIR;
  yield join(home, ".terraform.d", "plugin-cache");
  yield* search(["/opt", "/usr/local", "/usr/share", "/srv", home]);
}

/** This machine in the words of Terraform's provider packages, such as `linux_amd64`. */
export function platformOfProviders(): string {
  const os = process.platform === "win32" ? "windows" : process.platform;
  return `${os}_${process.arch === "x64" ? "amd64" : process.arch}`;
}

export function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}

function mirrorsOfCliConfig(file: string): string[] {
  if (!existsSync(file)) return [];
  const blocks = readFileSync(file, "utf8").matchAll(/filesystem_mirror\s*\{[^}]*?path\s*=\s*"([^"]+)"/g);
  return [...blocks].map(([, path = ""]) => path);
}

/** Breadth first, so that a mirror near a root is found before deep trees are opened. */
function* search(roots: readonly string[]): Generator<string> {
  let level = [...roots];
  let opened = 0;
  for (let depth = 0; depth <= SEARCH.depth; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (++opened > SEARCH.folders) return;
      const names = foldersIn(folder);
      if (names.includes("registry.terraform.io")) yield folder;
      below.push(...names.filter((name) => !NOT_SEARCHED.has(name)).map((name) => join(folder, name)));
    }
    level = below;
  }
}

/** Versions in both layouts of a mirror, unpacked folders and packed zips, for this machine's platform. */
function versionsIn(folder: string): string[] {
  const platform = platformOfProviders();
  const unpacked = foldersIn(folder).filter((version) => existsSync(join(folder, version, platform)));
  const packed = entriesOf(folder).flatMap(
    ({ name }) => new RegExp(`^terraform-provider-.+_(\\d[\\w.-]*)_${platform}\\.zip$`).exec(name)?.[1] ?? [],
  );
  return [...unpacked, ...packed];
}

/** Links are not followed: a loop of them would never end. */
function foldersIn(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Most candidates do not exist, and some below the usual roots are not ours to read.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM") return [];
    throw error;
  }
}
