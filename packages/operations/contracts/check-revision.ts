import { execFile } from "node:child_process";
import { join } from "node:path";
import { ContractError } from "@event-pipeline/contracts/contract";
import { isContractFile, MAPPING_FILE, readContractTexts } from "@event-pipeline/contracts/read-folder";
import { UsageError } from "../errors";
import type { FolderContracts } from "./folder";

/** Variables that make Git work on another repository. A Git hook has them, and the folder decides instead. */
const REPOSITORY_VARIABLES = [
  ...["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"],
  ...["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_INTERNAL_SUPER_PREFIX"],
  ...["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"],
];

const MAX_OUTPUT_BYTES = 256 * 1_024 * 1_024;
const SYMBOLIC_LINK = "120000";

export interface ReadRevisionOptions {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Reads the contracts and the mapping that a folder of the working tree has in a revision. There are none if the revision
 * does not have the folder.
 *
 * @param revision - A commit, tag, branch or other name of a commit, such as `main` or `HEAD~1`.
 * @throws UsageError if there is no Git, repository or revision, or naming the file that cannot be used and why.
 * @see https://git-scm.com/docs/gitrevisions
 * @example
 * const { contracts } = await readRevision("origin/main", { folder: "events", environment: process.env });
 */
export async function readRevision(revision: string, options: ReadRevisionOptions): Promise<FolderContracts> {
  const { folder } = options;
  const git = gitIn(options);
  await git(["rev-parse", "--show-cdup"]).catch((cause: unknown) => {
    throw new UsageError(
      `Git cannot read the repository of ${folder}: ${reasonOf(cause)}. Run the command in a clone, or compare with the deployed contracts by --deployed.`,
      { cause },
    );
  });
  const tree = await treeOf(revision, git);
  const listed = (await git(["ls-tree", "-z", tree])).toString();
  const texts = new Map<string, string>();
  const files = listed.split("\0").flatMap((entry) => {
    const [, mode, type, object = "", name = ""] = /^(\d+) (\w+) (\w+)\t(.*)$/s.exec(entry) ?? [];
    if (type !== "blob" || !isContractFile(name)) return [];
    const file = join(folder, name);
    if (mode !== SYMBOLIC_LINK) return [{ file, object }];
    throw new UsageError(
      `${file} is a symbolic link in ${revision}, which is not supported. Replace it with the file itself.`,
    );
  });
  const blobs = await readBlobs(
    files.map(({ object }) => object),
    git,
  );
  for (const [index, { file }] of files.entries()) texts.set(file, blobs[index] ?? "");
  try {
    return readContractTexts(texts, join(folder, MAPPING_FILE));
  } catch (cause) {
    if (!(cause instanceof ContractError)) throw cause;
    throw new UsageError(`In ${revision}, ${cause.message} Compare with another revision by --against.`, { cause });
  }
}

type Git = (args: readonly string[], input?: string) => Promise<Buffer>;

/** Returns a function that runs Git in the folder, and returns what it prints. */
function gitIn({ folder, environment, signal }: ReadRevisionOptions): Git {
  const env: NodeJS.ProcessEnv = { ...environment, LC_ALL: "C" };
  for (const name of REPOSITORY_VARIABLES) delete env[name];
  const options = { cwd: folder, env, signal, encoding: "buffer", maxBuffer: MAX_OUTPUT_BYTES } as const;
  return (args, input = "") =>
    new Promise((resolve, reject) => {
      const child = execFile("git", args, options, (error, stdout, stderr) => {
        if (error) reject(Object.assign(error, { stderr }));
        else resolve(stdout);
      });
      // Git may end before it reads all of its input.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
    });
}

/** Returns the object name of the revision's root folder. */
async function treeOf(revision: string, git: Git): Promise<string> {
  const fail = (cause?: unknown) =>
    new UsageError(
      `There is no revision ${JSON.stringify(revision)} in this repository. Give a commit, branch or tag with --against. In a shallow clone, fetch it first.`,
      { cause },
    );
  // Git would take it for an option.
  if (revision.startsWith("-")) throw fail();
  try {
    return (await git(["rev-parse", "--verify", "--quiet", `${revision}^{tree}`])).toString().trim();
  } catch (cause) {
    throw fail(cause);
  }
}

/** Returns the texts of objects, in their order. */
async function readBlobs(objects: readonly string[], git: Git): Promise<string[]> {
  if (objects.length === 0) return [];
  const output = await git(["cat-file", "--batch"], `${objects.join("\n")}\n`);
  const texts: string[] = [];
  let at = 0;
  for (const object of objects) {
    const end = output.indexOf("\n", at);
    const [, size] = /^\w+ blob (\d+)$/.exec(output.toString("latin1", at, end)) ?? [];
    if (size === undefined) throw new UsageError(`Git does not have the object ${object}. Fetch the revision again.`);
    const start = end + 1;
    at = start + Number(size) + 1;
    texts.push(output.toString("utf8", start, at - 1));
  }
  return texts;
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as NodeJS.ErrnoException & { readonly stderr?: Buffer };
  if (code === "ENOENT") return "the command git is not installed";
  const [line = ""] = String(stderr ?? "").split("\n");
  return (line || message).replace(/^fatal: /, "").replace(/\.$/, "");
}
