import type { PipelineConnection } from "@event-pipeline/operations/pipeline";

const LOCAL_ENDPOINT = "http://127.0.0.1:4566";

/**
 * Returns the options of `npx event-pipeline` that select the pipeline.
 *
 * @example
 * cliOptionsOf({ name: "alice", region: "eu-central-1" }); // "--name alice --region eu-central-1"
 */
export function cliOptionsOf({ name, endpoint, region, profile }: PipelineConnection): string {
  if (endpoint === LOCAL_ENDPOINT && profile === undefined) {
    return name === "local" ? "--local" : `--local --name ${name}`;
  }
  const options = [
    endpoint !== undefined && `--endpoint-url ${endpoint}`,
    `--name ${name}`,
    region !== undefined && `--region ${region}`,
    profile !== undefined && `--profile '${profile.replaceAll("'", "'\\''")}'`,
  ];
  return options.filter(Boolean).join(" ");
}
