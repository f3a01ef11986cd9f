import guide from "../../fixtures/guide.tf.json";
import type { Blocks, Config, StackFile } from "./stack-file";

/** The guide's six resources at the guide's addresses, as the guide sets them. */
export const GUIDE_RESOURCES: Blocks = guide.resource;

/** The guide's configuration, with the AWS provider that runs `stack`. */
export function guideStack({ terraform }: StackFile): StackFile & Config {
  const { aws } = terraform?.required_providers ?? {};
  if (!aws) throw new Error("The synthesized stack requires no provider named aws, with which to apply the guide.");
  return {
    // The guide names no backend; Terraform's default is local.
    terraform: { required_providers: { aws }, backend: { local: {} } },
    provider: { aws: [{ region: "us-east-1" }] },
    variable: { name: { type: "string" } },
    resource: GUIDE_RESOURCES,
  };
}
