import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test.each(["build.mjs", "event-pipeline.mjs"])("%s says in a line that the packages are not installed", (script) => {
  const clone = mkdtempSync(join(tmpdir(), "clone-"));
  cpSync("scripts", join(clone, "scripts"), { recursive: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [join("scripts", script)], {
    cwd: clone,
    encoding: "utf8",
  });
  rmSync(clone, { recursive: true });
  expect([status, stdout, stderr]).toEqual([1, "", "The packages are not installed here. Run: npm ci\n"]);
});
