// What keeps data in a folder, for which it needs Node.js 22.13 or newer: npm run test:data.
import base from "./jest.config.mjs";

if (!process.getBuiltinModule("node:sqlite")) {
  throw new Error(
    `--data-dir needs Node.js 22.13 or newer, and so do its tests; this is ${process.version}. Run them with: npx --package node@24 -- npm run test:data`,
  );
}

const { testPathIgnorePatterns, ...shared } = base;

/** @type {import("jest").Config} */
export default { ...shared, testMatch: ["<rootDir>/__tests__/**/*.data.test.ts"] };
