import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastSynthesized } from "../synthesized-stack";

function outdirWith(manifest: string | undefined): string {
  const outdir = mkdtempSync(join(tmpdir(), "outdir-"));
  if (manifest !== undefined) writeFileSync(join(outdir, "manifest.json"), manifest);
  return outdir;
}

test("returns the folder of the stage that was synthesized last", () => {
  const outdir = outdirWith('{ "stacks": { "event-pipeline": { "workingDirectory": "stages/prod" } } }');
  expect(lastSynthesized(outdir)).toBe(join(outdir, "stages/prod"));
});

test.each([
  ["missing", undefined],
  ["cut off", "{"],
  ["of another app", '{ "stacks": {} }'],
])("with a manifest that is %s, says which command to run", (_, manifest) => {
  expect(() => lastSynthesized(outdirWith(manifest))).toThrow(/manifest\.json\. Create it with: npm run synth/);
});
