// What stage.mjs checks before it runs the cdktf CLI. Each check prevents that Terraform looks for the state's resources
// in another place than theirs: it would not find them, and would remove them from the state.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { env } = process;
const GUARD = "terraform_data.events_deployment";
const AWS_DOMAIN = /\.(?:amazonaws|amazonwebservices)\.(?:com|com\.cn|eu)$|\.api\.aws$/;
/** An endpoint of a single service: for the SDKs, and for older versions of the AWS provider. */
const SERVICE_ENDPOINT = /^(?:AWS_ENDPOINT_URL_\w+|(?:TF_)?AWS_(?:DYNAMODB|IAM|S3|STS)_ENDPOINT)$/;

/**
 * Only a stage for emulators may use an endpoint outside AWS, and only for all services.
 *
 * @throws Error that names the endpoint and says how to continue.
 */
export async function checkEndpoints({ stage, isForEmulator }) {
  const { common, ofServices } = await configuredEndpoints();
  const outside = [common, ...ofServices].find(({ url }) => url && !isOfAws(url));
  if (isForEmulator && !outside) {
    throw new Error(
      `The stage ${stage} is for emulators, but AWS_ENDPOINT_URL is not set. Set it to the emulator's URL, or select a stage for AWS with EVENT_PIPELINE_STAGE.`,
    );
  }
  if (!isForEmulator && outside) {
    throw new Error(
      `The stage ${stage} is for AWS, but ${outside.name} is ${outside.url}. Unset it to use AWS. For an emulator, select the stage emulator with EVENT_PIPELINE_STAGE, or another stage with the option emulator.`,
    );
  }
  const other = ofServices.find(({ url }) => url !== common.url);
  if (isForEmulator && other) {
    throw new Error(
      `The stage ${stage} needs one endpoint for all services, but ${other.name} is ${other.url}, and AWS_ENDPOINT_URL is ${common.url ?? "not set"}. Set only AWS_ENDPOINT_URL.`,
    );
  }
}

/** Returns the endpoints in the environment and in the profile. */
async function configuredEndpoints() {
  // Not installed before npm ci, which stage.mjs reports.
  const { loadSharedConfigFiles } = await import("@smithy/core/config");
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const name = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || "default";
  const profile = { ...configFile[name], ...credentialsFile[name] };
  const services = Object.entries(configFile[`services.${profile.services}`] ?? {});
  return {
    common: env.AWS_ENDPOINT_URL
      ? { name: "AWS_ENDPOINT_URL", url: env.AWS_ENDPOINT_URL }
      : { name: `endpoint_url of the profile ${name}`, url: profile.endpoint_url },
    ofServices: [
      ...Object.entries(env).filter(([variable, url]) => SERVICE_ENDPOINT.test(variable) && url),
      ...services
        .filter(([key]) => key.endsWith(".endpoint_url"))
        .map(([key, url]) => [`${key} of the services ${profile.services}`, url]),
    ].map(([of, url]) => ({ name: of, url })),
  };
}

function isOfAws(url) {
  return URL.canParse(url) && AWS_DOMAIN.test(new URL(url).hostname);
}

/**
 * Ends the process if the state's resources are in another account or region than those of the credentials. During
 * `terraform destroy` and with `--refresh-only`, Terraform only warns about that, and `cdktf deploy` does not print why it
 * fails. Makes a plan of the resource that records account and region, without its own options for a destroy or a refresh.
 */
export function checkState({ cli, args }) {
  console.error("Checking that the state belongs to this account and region.");
  const shared = planArgs(args);
  const output = shared.findLast(({ name }) => name === "output")?.value ?? env.CDKTF_OUTPUT;
  const texts = shared.map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${value}`));
  const plan = run(process.execPath, [cli, "diff", ...texts], {
    ...env,
    TF_CLI_ARGS: withoutModes(env.TF_CLI_ARGS),
    TF_CLI_ARGS_plan: `${withoutModes(env.TF_CLI_ARGS_plan)} -target=${GUARD}`,
  });
  if (plan.status !== 0) fail(plan);
  const shown = run(env.TERRAFORM_BINARY_NAME || "terraform", [`-chdir=${output}`, "show", "-json", "plan"], {
    ...env,
    TF_CLI_ARGS: "",
  });
  if (shown.status !== 0) fail(shown);
  const { resource_changes: changes = [], prior_state: before } = JSON.parse(shown.stdout);
  const guard = changes.find(({ address }) => address === GUARD);
  // Terraform has compared a record with this account and region. A state of an earlier version, or of the guide, has none.
  if (!guard || guard.change.before) return;
  const { account_id: account, region } = guard.change.after.input;
  for (const { mode, address, values } of before?.values?.root_module?.resources ?? []) {
    const [, , , regionOfArn, accountOfArn] = mode === "managed" ? String(values.arn).split(":") : [];
    if ((accountOfArn || account) === account && (regionOfArn || region) === region) continue;
    console.error(
      `The state contains ${address}, ${values.arn}, but the credentials are for account ${account}, region ${region}. Use the credentials and the region of the state's resources.`,
    );
    process.exit(1);
  }
}

/** Returns the options of deploy and destroy that a plan needs, too. */
function planArgs(args) {
  const flags = ["skip-synth", "skip-provider-lock", "migrate-state", "no-color"];
  const values = { app: { short: "a" }, output: { short: "o" }, var: {}, "var-file": {} };
  const options = Object.fromEntries([
    ...flags.map((name) => [name, { type: "boolean" }]),
    ...Object.entries(values).map(([name, more]) => [name, { type: "string", ...more }]),
  ]);
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  return tokens.filter(({ kind, name }) => kind === "option" && Object.hasOwn(options, name));
}

/** Removes Terraform's options for another kind of plan. */
function withoutModes(args = "") {
  return args.replace(/(?<!\S)--?(?:destroy|refresh-only)(?:=\S*)?(?!\S)/g, "");
}

function run(command, args, environment) {
  return spawnSync(command, args, { env: environment, encoding: "utf8", maxBuffer: Number.POSITIVE_INFINITY });
}

function fail({ error, status, stdout, stderr }) {
  if (error) console.error(`Cannot run Terraform: ${error.message}`);
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  process.exit(status || 1);
}
