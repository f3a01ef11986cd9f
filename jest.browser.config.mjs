// The live page in a real Chromium: npm run test:browser. CHROMIUM names it, where it is not on the PATH.
import base from "./jest.config.mjs";

const { testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: ["<rootDir>/__tests__/**/*.browser.test.ts"],
  testTimeout: 90_000,
};
