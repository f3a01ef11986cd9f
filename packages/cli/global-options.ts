import { UsageError } from "@event-pipeline/operations/errors";
import type { PipelineProps } from "@event-pipeline/operations/pipeline";
import type { Command } from "commander";

/** As commander parses them: what every command takes. */
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

/** Where `npm start` serves, what it calls its resources, and the credentials that it takes like any others. */
const LOCAL_RUN = {
  endpoint: "http://127.0.0.1:4566",
  name: "local",
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
};

export function addGlobalOptions(program: Command): Command {
  return program
    .option("--name <name>", "the pipeline's name, the {name} of its resources (EVENT_PIPELINE_NAME)")
    .option("--profile <profile>", "profile of the AWS configuration (AWS_PROFILE)")
    .option("--region <region>", "AWS region (AWS_REGION, or the profile's)")
    .option("--endpoint-url <url>", "where AWS's services are, all behind one address (AWS_ENDPOINT_URL)")
    .option("--local", "the local run: http://127.0.0.1:4566, name local")
    .option("--raw-bucket <bucket>", "bucket of the archive, if neither its name nor the delivery stream tells")
    .option("--json", "data as JSON, one object a line")
    .option("--no-color", "no colours (NO_COLOR)");
}

/**
 * Which pipeline is meant. A loopback address is a local run, whichever way it
 * was given: it needs neither a name nor credentials.
 *
 * @throws UsageError when there is no name, or the address is none.
 */
export function pipelineProps(options: GlobalOptions, environment: NodeJS.ProcessEnv): PipelineProps {
  const given = options.endpointUrl ?? (environment.AWS_ENDPOINT_URL || undefined);
  const endpoint = options.local && options.endpointUrl === undefined ? localEndpoint(given) : given;
  const isLocal = endpoint !== undefined && isLoopback(checkedUrl(endpoint));
  const name =
    options.name ?? (options.local ? LOCAL_RUN.name : environment.EVENT_PIPELINE_NAME || (isLocal && LOCAL_RUN.name));
  if (!name) {
    throw new UsageError("Which pipeline? Give --name NAME, or set EVENT_PIPELINE_NAME, or give --local.");
  }
  const ownCredentials = options.profile ?? (environment.AWS_PROFILE || environment.AWS_ACCESS_KEY_ID);
  const region = options.region ?? (options.local ? LOCAL_RUN.region : regionOf(environment));
  return {
    name,
    region: region ?? (isLocal && !ownCredentials ? LOCAL_RUN.region : undefined),
    profile: options.local ? undefined : options.profile,
    endpoint,
    credentials: options.local || (isLocal && !ownCredentials) ? LOCAL_RUN.credentials : undefined,
    rawBucket: options.rawBucket,
  };
}

/** A local run may serve at another port, which the variable says; anything else that it says is meant for AWS. */
function localEndpoint(given = ""): string {
  const url = httpUrl(given);
  return url && isLoopback(url) ? given : LOCAL_RUN.endpoint;
}

/** The AWS CLI knows both variables, the SDK but the first. A profile's region is left to the SDK. */
function regionOf({ AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE }: NodeJS.ProcessEnv): string | undefined {
  return AWS_REGION || (AWS_PROFILE ? undefined : AWS_DEFAULT_REGION) || undefined;
}

/** @throws UsageError when it is no address of HTTP. */
function checkedUrl(endpoint: string): URL {
  const url = httpUrl(endpoint);
  if (url) return url;
  throw new UsageError(
    `The endpoint is ${JSON.stringify(endpoint)}. Give --endpoint-url an address such as http://127.0.0.1:4566.`,
  );
}

function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

function isLoopback({ hostname }: URL): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(hostname);
}
