/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__"],
  // __tests__/terraform needs tools of its own: npm run test:terraform.
  testPathIgnorePatterns: ["/helpers/", "/fixtures/", "<rootDir>/__tests__/terraform/"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "commonjs" } },
    ],
  },
  // Bundles are what tests of the handler and of the local run start.
  globalSetup: "<rootDir>/__tests__/helpers/build.mjs",
  testTimeout: 30_000,
};
