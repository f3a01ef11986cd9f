// The package, installed into an empty project: npm run test:package. Needs a registry of packages, or npm's cache.
import base from "./jest.config.mjs";

const { globalSetup, ...shared } = base;

/** @type {import("jest").Config} */
export default {
  ...shared,
  roots: ["<rootDir>/__tests__/package"],
  testPathIgnorePatterns: [],
  // It packs, and npm installs CDKTF with its providers.
  testTimeout: 10 * 60_000,
};
