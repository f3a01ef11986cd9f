import { devNull } from "node:os";

/** Variables that keep the AWS SDK from the user's files, and from its advice to upgrade Node.js. */
export const NO_AWS_SETTINGS = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
} as const;

/**
 * Takes the user's AWS settings from this process. They are meant for AWS; a
 * client of the local run gets all that it needs, and some of them end it:
 * AWS_USE_FIPS_ENDPOINT, say, or a configuration file that cannot be read.
 */
export function forgetAwsSettings(environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(environment)) if (/^(AWS|_X_AMZN)_/i.test(name)) delete environment[name];
  Object.assign(environment, NO_AWS_SETTINGS);
}
