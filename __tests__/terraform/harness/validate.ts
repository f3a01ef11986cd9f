import { join } from "node:path";
import { fitToProviders, savedVersions } from "./at-hand";
import { terraformEnvironment } from "./environment";
import { Terraform } from "./terraform";
import { CLI_CONFIG, testRoot } from "./test-root";

/**
 * `terraform validate` of the stack that any project synthesized into `folder`,
 * with the providers at hand. Files are added there, and an archive may be replaced.
 *
 * @throws Error with what Terraform says against it
 */
export async function validateStack(folder: string): Promise<void> {
  const root = testRoot();
  await fitToProviders(folder, savedVersions(root));
  const terraform = new Terraform(folder, terraformEnvironment(join(root, CLI_CONFIG), folder, ""));
  await terraform.initWithoutBackend();
  await terraform.validate();
}
