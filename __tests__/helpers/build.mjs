import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Builds the bundles and creates TEST_RUN_FOLDER, a folder that all test files share. */
export default async function build() {
  const folder = mkdtempSync(join(tmpdir(), "test-run-"));
  process.env.TEST_RUN_FOLDER = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await import("../../tools/build.mjs");
}
