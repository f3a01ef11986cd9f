import type { PipelineConnection } from "@event-pipeline/operations/pipeline";
import { shellWord } from "@event-pipeline/operations/shell-word";

/** The connection that `--local` selects if no other option does. */
const LOCAL_DEFAULTS: Partial<PipelineConnection> = {
  endpoint: "http://127.0.0.1:4566",
  name: "local",
  region: "us-east-1",
};

/**
 * Returns the options of `npx event-pipeline` that select the pipeline.
 *
 * @example
 * cliOptionsOf({ name: "alice", region: "eu-central-1" }); // "--name alice --region eu-central-1"
 */
export function cliOptionsOf({ name, endpoint, region, profile, isLocalRun = false }: PipelineConnection): string {
  const defaults = isLocalRun ? LOCAL_DEFAULTS : {};
  const options = [
    isLocalRun && "--local",
    endpoint !== defaults.endpoint && `--endpoint-url ${endpoint}`,
    name !== defaults.name && `--name ${name}`,
    region !== defaults.region && `--region ${region}`,
    profile !== undefined && `--profile ${shellWord(profile)}`,
  ];
  return options.filter(Boolean).join(" ");
}
