// The commands of README.md and docs/, against the local run: npm run test:docs. Needs the AWS CLI.
import base from "./jest.config.mjs";

/** @type {import("jest").Config} */
export default { ...base, roots: ["<rootDir>/__tests__/docs"], testPathIgnorePatterns: [] };
