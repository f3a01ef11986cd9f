import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStack, STACK_FILE, type StackFile } from "./stack-file";
import { SYNTHESIZED, testRoot } from "./test-root";
import { validateStack } from "./validate";

/** Writes a changed copy of the synthesized stack into its own folder. */
function folderWith(change: (stack: StackFile) => StackFile): string {
  const folder = mkdtempSync(join(testRoot(), "out", "stages", "validate-"));
  cpSync(join(testRoot(), SYNTHESIZED), folder, { recursive: true });
  writeFileSync(join(folder, STACK_FILE), JSON.stringify(change(readStack(folder))));
  return folder;
}

test("a valid stack is accepted", async () => {
  await expect(validateStack(folderWith((stack) => stack))).resolves.toBeUndefined();
});

test("an unknown argument is refused with Terraform's error", async () => {
  const resource = { aws_sqs_queue: { wrong: { nam: "x" } } };
  const folder = folderWith(({ terraform, provider, variable }) => ({
    ...(terraform && { terraform }),
    ...(provider && { provider }),
    ...(variable && { variable }),
    resource,
  }));
  await expect(validateStack(folder)).rejects.toThrow(/No argument or block type is named "nam"/);
});
