import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { requireTools } from "@event-pipeline/testing/tools";

const APP = resolve("dist/app/main.js");
const root = mkdtempSync(join(tmpdir(), "unwritable-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["the output folder is a file", "cdktf.out", (file: string) => writeFileSync(file, "")],
  ["its subfolder is a file", "cdktf.out/stages", (file: string) => writeFileSync(file, "")],
  ["it is read-only", "cdktf.out", (file: string) => mkdirSync(file, { mode: 0o555 })],
])("when %s, synth names the folder that it cannot write to", (_, name, occupy) => {
  const folder = mkdtempSync(join(root, "built-"));
  for (const part of ["cdktf.json", "dist"]) cpSync(part, join(folder, part), { recursive: true });
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  occupy(join(folder, name));
  const { status, stderr } = runUnprivileged(folder, "node", APP);
  expect(stderr).toMatch(/^Cannot write to cdktf\.out: E[A-Z]+: .*CDKTF_OUTDIR \(npm run synth\)\.\n$/);
  expect(status).toBe(2);
});

test("the build reports that it cannot write the bundles in a read-only checkout", () => {
  const folder = join(root, "event pipeline");
  copyInstalledProject(folder);
  chmodSync(folder, 0o555);
  const { status, stderr } = runUnprivileged(folder, "npm", "run", "--silent", "synth");
  expect(stderr).toMatch(/^Cannot write the bundles to dist: E[A-Z]+: .*\n$/);
  expect(status).toBe(1);
});

/**
 * Runs a command to which file permissions apply: root gives up its capabilities, with which it can write everywhere.
 */
function runUnprivileged(folder: string, command: string, ...args: string[]) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) requireTools(["setpriv"], { by: "npm test, run by root," });
  const [program = "", ...rest] = [...(isRoot ? ["setpriv", "--bounding-set=-all", "--"] : []), command, ...args];
  return spawnSync(program, rest, { cwd: folder, encoding: "utf8" });
}
