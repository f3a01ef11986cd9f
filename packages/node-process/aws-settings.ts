import { devNull } from "node:os";

/** Environment variables that stop the AWS SDK from reading configuration files and from warning about Node.js. */
export const NO_AWS_SETTINGS = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
} as const;

/**
 * Removes variables of AWS and of the pipeline that are set to an empty text. The AWS CLI ignores them, but the AWS SDK
 * uses some, such as AWS_REGION, instead of the profile.
 */
export function forgetEmptySettings(environment: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(environment)) {
    if (value === "" && /^(AWS|EVENT_PIPELINE)_/i.test(name)) delete environment[name];
  }
}

/**
 * Removes the user's AWS settings from the environment. Some of them, such as AWS_USE_FIPS_ENDPOINT or an invalid
 * configuration file, make SDK calls to the local run fail.
 *
 * @example
 * forgetAwsSettings();
 * const sns = new SNSClient({ endpoint: "http://127.0.0.1:4566", region, credentials });
 */
export function forgetAwsSettings(environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(environment)) if (/^(AWS|_X_AMZN)_/i.test(name)) delete environment[name];
  Object.assign(environment, NO_AWS_SETTINGS);
}
