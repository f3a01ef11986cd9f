import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";

test("an index that the table of an earlier run has not is refused, with what to do", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "index-"));
  expect(await (await LocalRun.start("--data-dir", dataDir)).stop()).toBe(0);

  const folder = stackFolder(() => undefined, stageWith({ eventIdIndex: true }));
  const run = LocalRun.spawn("--no-demo", "--data-dir", dataDir, "--stack-folder", folder);
  expect(await run.exited).toBe(2);
  expect(run.stderr).toContain("aws_dynamodb_table.events has the index event-id");
  expect(run.stderr).toContain("name another --data-dir");
});
