import { isCli } from "../cdktf-command";

test.each([
  "node /home/me/clone/node_modules/.bin/cdktf diff",
  "/usr/bin/node20 --no-warnings node_modules/.bin/cdktf deploy",
  "/home/me/my tools/node /home/me/event pipeline/node_modules/.bin/cdktf",
  "C:\\Program Files\\nodejs\\node.exe C:\\clone\\node_modules\\cdktf-cli\\bundle\\bin\\cdktf.js synth",
  "node node_modules/.bin/cdktn diff",
])("%s is the CLI", (commandLine) => expect(isCli(commandLine)).toBe(true));

test.each([
  "sh -c node node_modules/.bin/cdktf diff",
  "/bin/sh node_modules/.bin/cdktf diff",
  "npm run --silent synth",
  "node tools/run.mjs app",
  "node /home/me/cdktf-pipeline/tools/run.mjs app",
])("%s is not the CLI", (commandLine) => expect(isCli(commandLine)).toBe(false));
