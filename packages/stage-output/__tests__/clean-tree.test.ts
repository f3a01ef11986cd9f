import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";

test("plain cdktf synth leaves the clone as it was", () => {
  const root = mkdtempSync(join(tmpdir(), "clean-tree-"));
  const folder = join(root, "event pipeline");
  copyInstalledProject(folder);
  const offline = join(root, "offline.cjs");
  // The CLI's usage report is blocked on any network. npm's own requests are not: without them it hangs.
  writeFileSync(
    offline,
    `if (/cdktf/.test(process.argv[1])) require("node:https").request = () => { throw new Error("no network"); };`,
  );
  const { CHECKPOINT_DISABLE: _off, ...env } = process.env;
  const before = contentsOf(folder);
  const synth = spawnSync("npx", ["cdktf", "synth"], {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...env,
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
      CDKTF_HOME: join(root, "home"),
      NODE_OPTIONS: `--max-old-space-size=4096 --require=${JSON.stringify(offline)}`,
    },
    timeout: 60_000,
  });
  expect(synth).toMatchObject({ status: 0, stdout: expect.stringContaining("no network") });
  expect(contentsOf(folder)).toEqual(before);
  rmSync(root, { recursive: true });
});

/** Returns all files except those that Git ignores. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const own = paths.filter((path) => !/^(dist|cdktf\.out)\//.test(relative(folder, path)));
  return Object.fromEntries(own.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}
