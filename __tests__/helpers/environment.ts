import type { Environment } from "./child";

/**
 * The environment without anything of this machine's AWS accounts and
 * Terraform settings, which could lead a run to a real account.
 */
export function cleanEnvironment(env: Environment = process.env): Environment {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !/^(AWS|TF|EVENT_PIPELINE|CDKTF)_/.test(key)));
}
