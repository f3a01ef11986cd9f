import { availableParallelism, devNull } from "node:os";

// Variables that the project and its libraries read are cleared, so that each test sets its own. This happens before jest
// starts its workers: in a test process.env is a copy, and programs that a test starts get the worker's environment.
// npm_config_package comes from an npx that runs the tests; each npx in a test would fetch that package again.
const READ =
  /^(AWS|_X_AMZN|CDKTF|EVENT_PIPELINE|POWERTOOLS|TF)_|^(LOG_LEVEL|NO_COLOR|FORCE_COLOR|NODE_USE_ENV_PROXY|npm_config_package)$/;
/** Names the providers for npm run test:terraform. */
const KEPT = "TF_CLI_CONFIG_FILE";
for (const name of Object.keys(process.env)) if (READ.test(name) && name !== KEPT) delete process.env[name];
Object.assign(process.env, {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  // The SDK's advice to upgrade Node.js would bury the results.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
});

const shared = {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__", "<rootDir>/packages", "<rootDir>/tools"],
  // p-map is an ES module, which jest's require() cannot load untransformed.
  transformIgnorePatterns: ["/node_modules/(?!p-map/)"],
  transform: {
    "\\.ts$|/p-map/.*\\.js$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "commonjs" } },
    ],
  },
  // Most of a synth's time would go to the stack traces that CDKTF captures for tokens.
  moduleNameMapper: { "^\\./(?:tokens/)?(?:private/)?stack-trace$": "<rootDir>/packages/testing/no-stack-trace.ts" },
  // Tests of the handler and of the local run start the bundles.
  globalSetup: "<rootDir>/__tests__/helpers/build.mjs",
};

/** Suites that need a tool or more time: `npm run test:<name>` runs the files `*.<name>.test.ts`. */
const SUITES = {
  /** Needs Chromium. CHROMIUM names it if it is not on the PATH. */
  browser: {},
  /** Needs python3 and PyPI, for boto3, the AWS CLI, moto and ministack, and Terraform. */
  clients: {},
  /** Needs Node.js 22.13 or newer, for data in a folder. */
  data: { setupFiles: ["<rootDir>/__tests__/helpers/require-sqlite.mjs"] },
  /** Needs the AWS CLI, for its commands in README.md and docs/. */
  docs: {},
  /** Needs ministack, an AWS emulator from PyPI, and Terraform. The AWS provider waits 25 s for each new queue. */
  emulator: {},
  /** Takes longer, for each command with faults at each of its calls. FAULTS_ALL=1 runs every fault. */
  faults: {},
  /** Needs a registry of packages, to install CDKTF's maintained fork. */
  fork: {},
  /** Takes longer, for thousands of generated messages. */
  fuzz: {},
  /** Needs root on Linux, for control groups with Lambda's limits of memory and CPU. */
  limits: { globalSetup: "<rootDir>/__tests__/helpers/build-bench.mjs" },
  /** Needs a registry of packages, to install the package into an empty project. */
  package: { globalSetup: undefined },
  /** Takes longer, for npm and cdktf commands side by side and under signals. STAGE_PAIRS sets the number of pairs. */
  processes: {},
  /** Needs Terraform and moto. The AWS provider waits 25 s for each new queue. */
  terraform: {
    globalSetup: "<rootDir>/__tests__/terraform/harness/setup.ts",
    globalTeardown: "<rootDir>/__tests__/terraform/harness/teardown.ts",
  },
};
const names = Object.keys(SUITES);

/** @type {import("jest").Config} */
export default {
  // Applies to all projects; the scripts in package.json set more for some suites.
  testTimeout: 30_000,
  // More workers than cores, because many tests wait: for processes that they start, or until a request is retried.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["**/*.test.ts"],
      testPathIgnorePatterns: [`\\.(${names.join("|")})\\.test\\.ts$`],
    },
    ...names.map((name) => ({ ...shared, displayName: name, testMatch: [`**/*.${name}.test.ts`], ...SUITES[name] })),
  ],
};
