// Commands of one clone that run at once: npm run test:concurrency. STAGE_PAIRS says how many pairs of cdktf commands.
import base from "./jest.config.mjs";

const { globalSetup, testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: ["<rootDir>/__tests__/**/*.concurrency.test.ts"],
  testTimeout: 10 * 60_000,
};
