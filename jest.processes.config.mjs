// npm and cdktf commands of one clone, side by side and under signals: npm run test:processes. STAGE_PAIRS says how many pairs
// of cdktf commands.
import base from "./jest.config.mjs";

const { testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: ["<rootDir>/__tests__/**/*.processes.test.ts"],
  testTimeout: 10 * 60_000,
};
