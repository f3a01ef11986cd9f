import { join } from "node:path";

export const ROOT_VARIABLE = "TERRAFORM_TEST_ROOT";
export const CLI_CONFIG = "cli.tfrc";
/** Folder with the stack that setup.ts prepared for the available providers. */
export const SYNTHESIZED = join("out", "stages", "dev");

export function testRoot(): string {
  const root = process.env[ROOT_VARIABLE];
  if (root === undefined) throw new Error(`${ROOT_VARIABLE} is not set. Run these tests with: npm run test:terraform`);
  return root;
}
