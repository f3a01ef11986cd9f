// Thousands of generated messages; too long for every npm test.
import base from "./jest.config.mjs";

const { testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default { ...shared, testMatch: ["<rootDir>/__tests__/**/*.fuzz.test.ts"] };
