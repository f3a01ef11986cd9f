import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test.each(["tools/build.mjs", "packages/cli/event-pipeline.mjs"])(
  "%s reports in one line that the packages are not installed",
  (script) => {
    const clone = mkdtempSync(join(tmpdir(), "clone-"));
    for (const folder of ["tools", "packages/cli"]) cpSync(folder, join(clone, folder), { recursive: true });
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      cwd: clone,
      encoding: "utf8",
    });
    rmSync(clone, { recursive: true });
    expect([status, stdout, stderr]).toEqual([1, "", "The packages are not installed here. Run: npm ci\n"]);
  },
);
