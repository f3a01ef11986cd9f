// The handler under Lambda's limits of memory and CPU: npm run test:limits.
import base from "./jest.config.mjs";

/** @type {import("jest").Config} */
export default {
  ...base,
  roots: ["<rootDir>/__tests__/limits"],
  testPathIgnorePatterns: [],
  globalSetup: "<rootDir>/__tests__/helpers/build-bench.mjs",
  testTimeout: 5 * 60_000,
};
