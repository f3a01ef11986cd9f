import { isLoopbackUrl } from "@event-pipeline/node-process/loopback-url";
import { UsageError } from "@event-pipeline/operations/errors";
import { LOCAL_RUN, type PipelineConnection } from "@event-pipeline/operations/pipeline-connection";
import type { Command } from "commander";

/** The options that every command has, as commander parses them. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly name?: string;
  readonly rawBucket?: string;
  readonly local?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

export function addGlobalOptions(program: Command): Command {
  return program
    .option("--name <name>", "Pipeline name (default: EVENT_PIPELINE_NAME)")
    .option("--profile <profile>", "AWS profile (default: AWS_PROFILE)")
    .option("--region <region>", "AWS region (default: AWS_REGION, or the profile's)")
    .option("--endpoint-url <url>", "URL for all AWS services (default: AWS_ENDPOINT_URL)")
    .option("--local", `Use the local run at ${LOCAL_RUN.endpoint}`)
    .option("--raw-bucket <bucket>", "Archive bucket (default: the delivery stream's)")
    .option("--json", "Print data as JSON, one object per line")
    .option("--no-color", "Disable colors, as the variable NO_COLOR does");
}

/**
 * Returns the pipeline that the options and the environment variables select. Only `--local` selects the local run,
 * because other emulators listen on this machine, too.
 *
 * @throws UsageError when no name is given, or the endpoint is not an HTTP URL.
 */
export function pipelineConnection(options: GlobalOptions, environment: NodeJS.ProcessEnv): PipelineConnection {
  const { local = false, profile, rawBucket } = options;
  const isIgnored = !local && environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true";
  const configured = (!isIgnored && environment.AWS_ENDPOINT_URL) || undefined;
  const given = options.endpointUrl ?? configured;
  const endpoint = local && options.endpointUrl === undefined ? localEndpoint(given) : given;
  if (endpoint !== undefined) checkUrl(endpoint);
  const name = options.name ?? (local ? LOCAL_RUN.name : environment.EVENT_PIPELINE_NAME);
  if (!name) {
    throw new UsageError("No pipeline name. Give --name, set EVENT_PIPELINE_NAME, or give --local for the local run.");
  }
  return {
    name,
    region: checkedRegion(options.region ?? (local ? LOCAL_RUN.region : regionOf(environment))),
    profile: local ? undefined : profile,
    endpoint,
    isEndpointFromEnvironment: !local && options.endpointUrl === undefined,
    isLocalRun: local,
    rawBucket,
  };
}

/** Returns `given` if it is a loopback URL, such as the local run on another port; otherwise the default. */
function localEndpoint(given = ""): string {
  return isLoopbackUrl(given) ? given : LOCAL_RUN.endpoint;
}

/** Returns the region from the environment. The AWS CLI reads both variables, but the SDK ignores AWS_DEFAULT_REGION. */
function regionOf({ AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE }: NodeJS.ProcessEnv): string | undefined {
  return AWS_REGION || (AWS_PROFILE ? undefined : AWS_DEFAULT_REGION) || undefined;
}

/** @throws UsageError when the endpoint is not an HTTP URL, or contains a password. */
function checkUrl(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isHttp = url !== undefined && /^https?:$/.test(url.protocol);
  if (isHttp && url.username + url.password === "") return;
  // A password must not get into a log.
  const shown = JSON.stringify(endpoint.replace(/[^/]*@/, "***@"));
  throw new UsageError(
    isHttp
      ? `Invalid endpoint ${shown}: AWS clients sign requests and do not use the password. Leave it out.`
      : `Invalid endpoint ${shown}: expected an HTTP URL, such as ${LOCAL_RUN.endpoint}.`,
  );
}

/** @throws UsageError when the region cannot be part of a host name. */
function checkedRegion(region: string | undefined): string | undefined {
  if (region === undefined || /^[a-z\d]+(-[a-z\d]+)*$/.test(region)) return region;
  throw new UsageError(`Invalid region ${JSON.stringify(region)}: expected a region such as eu-west-1.`);
}
