import { devNull } from "node:os";

// What the project and its libraries read of the environment is each test's own to set. It is cleared here, before jest
// starts its workers: in a test process.env is a copy, and programs that a test starts get the worker's own.
// So is npm_config_package: when `npx --package` runs the tests, each npx in a test would fetch that package again.
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
});

/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  // jest leaves one core free, which on two cores is half of them.
  maxWorkers: "100%",
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  // What needs tools, a Node.js or time of its own: npm run test:terraform, test:docs, test:limits, test:browser,
  // test:processes, test:data, test:fork, test:package and test:fuzz.
  testPathIgnorePatterns: [
    "<rootDir>/__tests__/docs/",
    "<rootDir>/__tests__/limits/",
    "<rootDir>/__tests__/package/",
    "\\.(browser|data|fork|fuzz|processes|terraform)\\.test\\.ts$",
  ],
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
  testTimeout: 30_000,
};
