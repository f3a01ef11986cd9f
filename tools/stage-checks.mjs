// What stage.mjs checks before it runs the cdktf CLI. The checks keep Terraform from looking for the state's resources in
// the wrong place: it would not find them, and would remove them from the state.
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { env } = process;
const GUARD = "terraform_data.events_deployment";
/** The domains of AWS's partitions. */
const AWS_DOMAIN =
  /\.(?:(?:amazonaws|amazonwebservices)\.(?:com|com\.cn|eu)|api\.aws|cloud\.adc-e\.uk|s?c2s\.(?:ic|sgov)\.gov|csp\.hci\.ic\.gov)$/;
/** Hosts in AWS's domains on which customers run services of their own. */
const CUSTOMER_HOST = /\.(?:compute(?:-1)?|elb|execute-api|lambda-url)\./;
const SERVICES = "CLOUDWATCH|CLOUDWATCH_LOGS|DYNAMODB|FIREHOSE|IAM|KMS|LAMBDA|S3|S3_CONTROL|SNS|SQS|STS|XRAY";
/** An endpoint of a service that the stack uses: for the SDKs, and for older versions of the AWS provider. */
const SERVICE_ENDPOINT = new RegExp(`^(?:AWS_ENDPOINT_URL_(?:${SERVICES})|(?:TF_)?AWS_(?:${SERVICES})_ENDPOINT)$`, "i");
const SERVICE_KEY = new RegExp(`^(?:${SERVICES})\\.endpoint_url$`, "i");

/** The options of cdktf deploy and destroy. The check's plan gets those that are `shared`. */
const OPTIONS = {
  app: { type: "string", short: "a", shared: true },
  var: { type: "string", multiple: true, shared: true },
  "var-file": { type: "string", multiple: true, shared: true },
  "skip-synth": { type: "boolean", shared: true },
  "skip-provider-lock": { type: "boolean", shared: true },
  "migrate-state": { type: "boolean", shared: true },
  "no-color": { type: "boolean", shared: true },
  "auto-approve": { type: "boolean" },
  "refresh-only": { type: "boolean" },
  "ignore-missing-stack-dependencies": { type: "boolean" },
  parallelism: { type: "string" },
  "terraform-parallelism": { type: "string" },
  "outputs-file": { type: "string" },
  "outputs-file-include-sensitive-outputs": { type: "boolean" },
};

/**
 * Only a stage for emulators may use an endpoint outside AWS, and only for all services.
 *
 * @throws Error that names the endpoint and says how to continue.
 */
export async function checkEndpoints({ stage, isForEmulator }) {
  const { common, ofServices, areIgnored } = await configuredEndpoints();
  const outside = [common, ...ofServices].find(({ url }) => url && !isOfAws(url));
  if (isForEmulator && !outside) {
    throw new Error(
      `The stage ${stage} is for emulators, but no endpoint outside AWS is set. Set AWS_ENDPOINT_URL to the emulator's URL, or select a stage for AWS with EVENT_PIPELINE_STAGE.`,
    );
  }
  if (isForEmulator && areIgnored) {
    throw new Error(
      `The stage ${stage} is for emulators, but AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true. Unset it, also in the profile.`,
    );
  }
  if (!isForEmulator && outside) {
    throw new Error(
      `The stage ${stage} is for AWS, but ${outside.name} is ${shown(outside.url)}. To use AWS, unset it. For an emulator, use EVENT_PIPELINE_STAGE=emulator, or another stage with the option emulator in cdktf.json.`,
    );
  }
  const other = ofServices.find(({ url }) => !isSame(url, common.url));
  if (isForEmulator && other) {
    throw new Error(
      `The stage ${stage} needs one endpoint for all services, but ${other.name} is ${shown(other.url)}, and AWS_ENDPOINT_URL is ${common.url ? shown(common.url) : "not set"}. Set only AWS_ENDPOINT_URL.`,
    );
  }
}

/** Returns the endpoints in the environment and in the profile, by AWS's order of precedence. */
async function configuredEndpoints() {
  // Not installed before npm ci, which stage.mjs reports.
  const { loadSharedConfigFiles } = await import("@smithy/core/config");
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const name = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || "default";
  if (env.AWS_PROFILE && !configFile[name] && !credentialsFile[name]) {
    throw new Error(`The profile ${name} in AWS_PROFILE is not in the AWS configuration files.`);
  }
  const profile = lowerCased({ ...configFile[name], ...credentialsFile[name] });
  const fromEnvironment = Object.entries(env)
    .filter(([variable, url]) => SERVICE_ENDPOINT.test(variable) && url)
    .map(([variable, url]) => ({ name: variable, url }));
  const areIgnored = isTrue(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS) || isTrue(profile.ignore_configured_endpoint_urls);
  if (env.AWS_ENDPOINT_URL) {
    return {
      common: { name: "AWS_ENDPOINT_URL", url: env.AWS_ENDPOINT_URL },
      ofServices: fromEnvironment,
      areIgnored,
    };
  }
  const services = Object.entries(configFile[`services.${profile.services}`] ?? {})
    .filter(([key]) => SERVICE_KEY.test(key))
    .map(([key, url]) => ({ name: `${key} of the services ${profile.services}`, url }));
  return {
    common: { name: `endpoint_url of the profile ${name}`, url: profile.endpoint_url },
    ofServices: [...fromEnvironment, ...services],
    areIgnored,
  };
}

/** Terraform ignores the case of keys. */
function lowerCased(section) {
  return Object.fromEntries(Object.entries(section).map(([key, value]) => [key.toLowerCase(), value]));
}

function isTrue(text = "") {
  return text.toLowerCase() === "true";
}

function isOfAws(text) {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" && AWS_DOMAIN.test(hostname) && !CUSTOMER_HOST.test(hostname);
}

function isSame(one, other) {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href;
}

/** Returns a URL without its password, which must not get into a log. */
function shown(url) {
  return url.replace(/[^/]*@/, "***@");
}

/**
 * Checks that the state's resources are in the account and region of the credentials. During `terraform destroy` and with
 * `--refresh-only`, Terraform only warns if they are not, and `cdktf deploy` does not print why it fails. So this makes a
 * plan of the resource that records account and region, without the caller's options for Terraform.
 *
 * @throws Error with the reason.
 */
export async function checkState({ cli, args }) {
  const shared = sharedArgs(args);
  const stateOption = Object.keys(env).find((name) => name.startsWith("TF_CLI_ARGS") && env[name].includes("-state"));
  if (stateOption) throw new Error(`${stateOption} selects another state than the stage's. Leave -state out.`);
  console.error("Checking that the state belongs to this account and region.");
  const { TF_CLI_ARGS: _all, CDKTF_REFRESH_ONLY: _mode, ...others } = env;
  const output = env.CDKTF_OUTPUT;
  rmSync(join(output, "plan"), { force: true });
  await run(process.execPath, [cli, "diff", ...shared], { ...others, TF_CLI_ARGS_plan: `-target=${GUARD}` });
  if (!existsSync(join(output, "plan"))) throw new Error(`cdktf diff made no plan in ${output}, so nothing was done.`);
  const { TF_CLI_ARGS_show: _show, ...quiet } = others;
  const terraform = env.TERRAFORM_BINARY_NAME || "terraform";
  const { resource_changes: changes = [], prior_state: before } = JSON.parse(
    await run(terraform, ["show", "-json", "plan"], quiet, output),
  );
  const { change } = changes.find(({ address }) => address === GUARD) ?? {};
  const action = change?.actions.join();
  // Terraform has compared the record with this account and region.
  if (action === "no-op") return;
  // A state of an earlier version, or of the guide (docs/guide.md), has no record.
  if (action === "create") compareArns(before?.values?.root_module, change.after.input);
  else
    throw new Error(
      `Terraform plans ${action ?? "nothing"} for ${GUARD}, which records account and region. Nothing was done.`,
    );
}

/** @throws Error if an ARN in the state has another account, or that of a topic, queue or table another region. */
function compareArns({ resources = [], child_modules: modules = [] } = {}, place) {
  for (const { mode, type, address, values } of resources) {
    if (mode !== "managed" || !values.arn) continue;
    const [, , , region, account] = values.arn.split(":");
    const isInRegion = !/^aws_(?:sns_topic|sqs_queue|dynamodb_table)$/.test(type) || region === place.region;
    if ((account || place.account_id) === place.account_id && isInRegion) continue;
    throw new Error(
      `The state contains ${address}, ${values.arn}, but the credentials are for account ${place.account_id}, region ${place.region}. Use the credentials and the region of the state's resources.`,
    );
  }
  for (const module of modules) compareArns(module, place);
}

/** Returns the options that the check's plan needs, too. @throws Error for an unknown option. */
function sharedArgs(args) {
  let parsed;
  try {
    parsed = parseArgs({ args: args.slice(1), options: OPTIONS, allowPositionals: true, tokens: true });
  } catch ({ message }) {
    const names = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new Error(`${message.split(". ")[0]}. The options of ${args[0]} are: ${names.join(", ")}.`);
  }
  // cdktf would take it for the value of a flag.
  const value = parsed.positionals.find((text) => /^(?:true|false)$|^-/.test(text));
  if (value) throw new Error(`Unexpected argument ${JSON.stringify(value)}. Flags have no value.`);
  return parsed.tokens
    .filter(({ kind, name }) => kind === "option" && OPTIONS[name].shared)
    .map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${value}`));
}

/** Returns the command's output. @throws Error with its output and errors, if it fails. */
async function run(command, args, environment, cwd = ".") {
  const child = spawn(command, args, { env: environment, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const stop = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, stop);
  const [output, errors] = [[], []];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => errors.push(chunk));
  try {
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    if (code === 0) return Buffer.concat(output).toString();
    throw new Error(
      Buffer.concat([...output, ...errors])
        .toString()
        .trimEnd(),
    );
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
