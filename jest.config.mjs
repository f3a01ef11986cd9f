// The SDK's advice to upgrade Node.js would bury the results.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  // jest leaves one core free, which on two cores is half of them.
  maxWorkers: "100%",
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  // What needs tools, a Node.js or time of its own: npm run test:terraform, test:docs, test:limits, test:browser,
  // test:data, test:fork, test:package and test:fuzz.
  testPathIgnorePatterns: [
    "<rootDir>/__tests__/docs/",
    "<rootDir>/__tests__/limits/",
    "<rootDir>/__tests__/package/",
    "\\.(browser|data|fork|fuzz|terraform)\\.test\\.ts$",
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
