import { devNull } from "node:os";

// What the project and its libraries read of the environment is each test's own to set. It is cleared here, before jest
// starts its workers: in a test process.env is a copy, and programs that a test starts get the worker's own.
// Among it is the --package of an npx that runs the tests, which each npx in a test would fetch anew.
const READ =
  /^(AWS|_X_AMZN|CDKTF|EVENT_PIPELINE|POWERTOOLS|TF)_|^(LOG_LEVEL|NO_COLOR|FORCE_COLOR|NODE_USE_ENV_PROXY|npm_config_package)$/;
/** Where npm run test:terraform finds its providers. */
const KEPT = "TF_CLI_CONFIG_FILE";
for (const name of Object.keys(process.env)) if (READ.test(name) && name !== KEPT) delete process.env[name];
Object.assign(process.env, {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  // The SDK's advice to upgrade Node.js would bury the results.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  // Behind a proxy that does not answer, npm would look for a newer npm for a minute.
  npm_config_update_notifier: "false",
});

const shared = {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__", "<rootDir>/packages", "<rootDir>/tools"],
  // p-map is an ES module, which jest's require() does not take as it is.
  transformIgnorePatterns: ["/node_modules/(?!p-map/)"],
  transform: {
    "\\.ts$|/p-map/.*\\.js$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "commonjs" } },
    ],
  },
  // Bundles are what tests of the handler and of the local run start.
  globalSetup: "<rootDir>/__tests__/helpers/build.mjs",
};

/** Suites that need a tool or time of their own: `npm run test:<name>` runs the files `*.<name>.test.ts`. */
const SUITES = {
  /** A real Chromium. CHROMIUM names it where it is not on the PATH. */
  browser: {},
  /** Data in a folder: Node.js 22.13 or newer. */
  data: { setupFiles: ["<rootDir>/__tests__/helpers/require-sqlite.mjs"] },
  /** The commands of README.md and docs/: the AWS CLI. */
  docs: {},
  /** CDKTF's maintained fork, which npm installs for it: a registry of packages. */
  fork: {},
  /** Thousands of generated messages. */
  fuzz: {},
  /** Lambda's limits of memory and CPU: root on Linux, for control groups. */
  limits: { globalSetup: "<rootDir>/__tests__/helpers/build-bench.mjs" },
  /** The package in an empty project: a registry of packages. */
  package: { globalSetup: undefined },
  /** npm and cdktf commands side by side and under signals. STAGE_PAIRS sets the pairs of cdktf commands. */
  processes: {},
  /** Terraform and moto. The AWS provider waits 25 s for each new queue. */
  terraform: {
    globalSetup: "<rootDir>/__tests__/terraform/harness/setup.ts",
    globalTeardown: "<rootDir>/__tests__/terraform/harness/teardown.ts",
  },
};
const names = Object.keys(SUITES);

/** @type {import("jest").Config} */
export default {
  // jest takes it for all projects; the scripts of package.json give some suites more.
  testTimeout: 30_000,
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
