import { invocationOf } from "../invocation";

const BIN = "/usr/local/bin";
const CLONE = "/home/me/my clone";

test.each<[string, Record<string, string>, string, string]>([
  [
    "npx",
    { npm_lifecycle_event: "npx", PATH: BIN },
    "/home/me/.npm/_npx/1/node_modules/.bin/event-pipeline",
    "npx event-pipeline",
  ],
  [
    "an npm script",
    { npm_lifecycle_event: "replay", PATH: `${CLONE}/bin` },
    `${CLONE}/bin/event-pipeline`,
    "npx event-pipeline",
  ],
  ["a link on the PATH", { PATH: `/bin:${BIN}` }, `${BIN}/event-pipeline`, "event-pipeline"],
  ["a link elsewhere", { PATH: "/bin" }, `${BIN}/event-pipeline`, `node ${BIN}/event-pipeline`],
  ["the file", {}, `${CLONE}/packages/cli/event-pipeline.mjs`, "node packages/cli/event-pipeline.mjs"],
  ["a file outside the folder", {}, "/home/me/it's/main.mjs", "node '/home/me/it'\\''s/main.mjs'"],
])("repeats a call by %s", (_, env, script, invocation) => {
  expect(invocationOf(script, env, CLONE)).toBe(invocation);
});
