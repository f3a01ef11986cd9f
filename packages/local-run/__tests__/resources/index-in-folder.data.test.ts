import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";

test("rejects an index that the table in the data folder does not have", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "index-"));
  expect(await (await LocalRun.start("--data-dir", dataDir)).stop()).toBe(0);

  const folder = stackFolder(() => undefined, stageWith({ eventIdIndex: true }));
  const run = LocalRun.spawn("--no-demo", "--data-dir", dataDir, "--stack-folder", folder);
  expect(await run.exited).toBe(2);
  expect(run.stderr).toMatch(/no index event-id, which aws_dynamodb_table\.events declares.*--data-dir/);
});
