import { execFileSync } from "node:child_process";
import { scripts } from "../package.json";

/** What a script of this project's has of the variable. */
function inScripts(variable: string, env: Readonly<Record<string, string>>): string {
  const { [variable]: _own, ...others } = process.env;
  const script = `node -p "process.env.${variable}"`;
  return execFileSync("npm", ["exec", "--call", script], { encoding: "utf8", env: { ...others, ...env } }).trim();
}

test("npm leaves NODE_OPTIONS to whoever runs it", () => {
  expect(inScripts("NODE_OPTIONS", {})).toBe("undefined");
  expect(inScripts("NODE_OPTIONS", { NODE_OPTIONS: "--no-warnings" })).toBe("--no-warnings");
});

test.each(["diff", "deploy", "destroy"] as const)(
  "npm run %s reports no usage, and passes on what follows --",
  (name) => {
    const [, set, binary, command] = /^cross-env (\S+) (\S+) (\S+)$/.exec(scripts[name]) ?? [];
    expect([set, binary, command]).toEqual(["CHECKPOINT_DISABLE=1", "cdktf", name]);
    const help = execFileSync("npm", ["run", "--silent", name, "--", "--help"], { encoding: "utf8", stdio: "pipe" });
    expect(help).toMatch(new RegExp(`^cdktf ${name} `));
  },
);
