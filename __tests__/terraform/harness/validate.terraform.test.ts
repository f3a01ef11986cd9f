import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStack, STACK_FILE, type StackFile } from "./stack-file";
import { validateStack } from "./validate";
import { SYNTHESIZED, testRoot } from "./workspace";

/** The synthesized stack in a folder of its own, changed. */
function folderWith(change: (stack: StackFile) => StackFile): string {
  const folder = mkdtempSync(join(testRoot(), "out", "stages", "validate-"));
  cpSync(join(testRoot(), SYNTHESIZED), folder, { recursive: true });
  writeFileSync(join(folder, STACK_FILE), JSON.stringify(change(readStack(folder))));
  return folder;
}

test("a stack that is right is accepted", async () => {
  await expect(validateStack(folderWith((stack) => stack))).resolves.toBeUndefined();
});

test("an argument that the provider does not know is refused, in Terraform's words", async () => {
  const resource = { aws_sqs_queue: { wrong: { nam: "x" } } };
  const folder = folderWith(({ terraform, provider, variable }) => ({
    ...(terraform && { terraform }),
    ...(provider && { provider }),
    ...(variable && { variable }),
    resource,
  }));
  await expect(validateStack(folder)).rejects.toThrow(/No argument or block type is named "nam"/);
});
