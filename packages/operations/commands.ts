import { LOCAL_RUN, type PipelineConnection } from "./pipeline-connection";
import { shellWord } from "./shell-word";

/** The command of this project, as npx finds it in a clone and in a project that has the package. */
export const NPX_COMMAND = "npx event-pipeline";

const WITHOUT_KEYS = "env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN";

/**
 * Returns an event-pipeline command for the pipeline, which works when it is pasted into a shell. It has every option
 * that selects the pipeline, also if the user gave it as an environment variable.
 *
 * @param words - The arguments, unquoted. Words that are data come from `positionalWords` and `optionWords`.
 * @example
 * eventPipelineCommand({ name: "alice" }, ["events", "show", ...positionalWords(id)]); // npx event-pipeline events show 7 --name alice
 */
export function eventPipelineCommand(connection: PipelineConnection, words: readonly string[]): string {
  return commandWith(words, cliOptionsOf(connection), connection.invocation);
}

/** Returns an event-pipeline command with options that are quoted already. The options come before `--`. */
export function commandWith(words: readonly string[], options: string, command = NPX_COMMAND): string {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const [before, after] = [words.slice(0, end), words.slice(end)];
  return [command, ...before.map(shellWord), options, ...after.map(shellWord)].join(" ");
}

/** Returns the words for an argument without a name, such as an ID. They must be a command's last words. */
export function positionalWords(value: string): string[] {
  // The command would take a value that begins with - for an option.
  return value.startsWith("-") ? ["--", value] : [value];
}

/** Returns the words for an option and its value. */
export function optionWords(name: string, value: string): string[] {
  // As a word of its own, the value --json would be an option.
  return value.startsWith("-") ? [`--${name}=${value}`] : [`--${name}`, value];
}

/**
 * Returns the options of the event-pipeline command that select the pipeline.
 *
 * @example
 * cliOptionsOf({ name: "alice", region: "eu-central-1" }); // "--name alice --region eu-central-1"
 */
export function cliOptionsOf(connection: PipelineConnection): string {
  const { name, endpoint, region, profile, rawBucket, isLocalRun = false } = connection;
  const defaults: Partial<PipelineConnection> = isLocalRun ? LOCAL_RUN : {};
  const option = (flag: string, value: string | undefined, byDefault?: string) =>
    value !== undefined && value !== byDefault && `${flag} ${shellWord(value)}`;
  const options = [
    isLocalRun && "--local",
    option("--endpoint-url", endpoint, defaults.endpoint),
    option("--name", name, defaults.name),
    option("--region", region, defaults.region),
    option("--profile", profile),
    option("--raw-bucket", rawBucket),
  ];
  return options.filter(Boolean).join(" ");
}

/** Returns the AWS CLI with the options for the pipeline. */
export function awsCliOf({ endpoint, region, profile, isLocalRun }: PipelineConnection): string {
  const { accessKeyId, secretAccessKey } = LOCAL_RUN.credentials;
  const parts = [
    isLocalRun && `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    "aws",
    endpoint && `--endpoint-url ${shellWord(endpoint)}`,
    region && `--region ${region}`,
    profile && `--profile ${shellWord(profile)}`,
  ];
  return parts.filter(Boolean).join(" ");
}

/** Returns the environment variables with which Terraform deploys the pipeline. */
export function terraformEnvironmentOf({ name, endpoint, region, profile }: PipelineConnection): string {
  const variables = Object.entries({
    AWS_ENDPOINT_URL: endpoint,
    AWS_PROFILE: profile,
    AWS_REGION: region,
    TF_VAR_name: name,
  });
  const set = variables.flatMap(([key, value]) => (value === undefined ? [] : `${key}=${shellWord(value)}`));
  // For Terraform, unlike for the SDK, keys in the environment override a profile.
  return [profile !== undefined && WITHOUT_KEYS, ...set].filter(Boolean).join(" ");
}
