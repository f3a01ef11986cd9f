/** Where a pipeline is, as the operator's command is told. */
export interface PipelineAddress {
  readonly name: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

const LOCAL_ENDPOINT = "http://127.0.0.1:4566";

/** The options of `npx event-pipeline` that name the pipeline which the page is over, in any terminal. */
export function cliOptionsOf({ name, endpoint, region, profile }: PipelineAddress): string {
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
