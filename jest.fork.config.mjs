// The sources under CDKTF's maintained fork, which is installed for it alone: npm run test:fork.
import base from "./jest.config.mjs";

const { testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: ["<rootDir>/__tests__/**/*.fork.test.ts"],
  // Most of it is npm, which installs the project once more.
  testTimeout: 10 * 60_000,
};
