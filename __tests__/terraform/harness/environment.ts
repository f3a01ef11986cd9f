import { join } from "node:path";
import type { Environment } from "@event-pipeline/testing/child";

export const NAME = "terraform-test";

/** Environment in which Terraform uses only `cliConfig`, and AWS's API only `endpoint`. */
export function terraformEnvironment(cliConfig: string, folder: string, endpoint: string): Environment {
  return {
    ...process.env,
    ...QUIET,
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_VAR_name: NAME,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_EC2_METADATA_DISABLED: "true",
    // Neither file exists, so that no profile of this machine is read.
    AWS_CONFIG_FILE: join(folder, "no-aws-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "no-aws-credentials"),
  };
}

export const QUIET = { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" } as const;
