// What has to hold under the Node.js that AWS runs the handler on.
import base from "./jest.config.mjs";

const { testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: ["<rootDir>/__tests__/lambda-src/**/*.test.ts", "<rootDir>/__tests__/**/*.node24.test.ts"],
};
