import base from "./jest.config.mjs";

/**
 * The synthesized stack in the real Terraform against moto: `npm run test:terraform`.
 * @type {import("jest").Config}
 */
export default {
  ...base,
  roots: ["<rootDir>/__tests__/terraform"],
  testPathIgnorePatterns: [],
  testMatch: ["**/*.terraform.test.ts"],
  globalSetup: "<rootDir>/__tests__/terraform/harness/setup.ts",
  globalTeardown: "<rootDir>/__tests__/terraform/harness/teardown.ts",
  // The AWS provider waits 25 s for each new queue, one after the other.
  testTimeout: 6 * 60_000,
};
