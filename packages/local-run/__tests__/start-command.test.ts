import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { startCommand } from "../options";

test.each([
  [[], {}, "npm start"],
  [
    ["--port", "4567"],
    { EVENT_PIPELINE_STAGE: "prod", PATH: "/bin" },
    "EVENT_PIPELINE_STAGE=prod npm start -- --port 4567",
  ],
])("starts a run with %j and %j again", (args, environment, command) => {
  expect(startCommand(args, environment)).toBe(command);
});

test("a shell passes the same arguments and variables on", () => {
  // A variable and an argument cannot contain NUL.
  const text = fc.string({ unit: "grapheme" }).filter((each) => !each.includes("\0"));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), text, (args, stage) => {
      const command = startCommand(args, { EVENT_PIPELINE_STAGE: stage }).replace("npm start --", "npm");
      const script = `npm() { printf '%s\\0' "$EVENT_PIPELINE_STAGE" "$@"; }; ${command}`;
      expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe([stage, ...args, ""].join("\0"));
    }),
    { numRuns: 25 },
  );
});
