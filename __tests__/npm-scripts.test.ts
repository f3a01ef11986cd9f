import { execFileSync, spawnSync } from "node:child_process";

/** Returns the variable as a script of this project sees it. */
function inScripts(variable: string, env: Readonly<Record<string, string>>): string {
  const { [variable]: _own, ...others } = process.env;
  const script = `node -p "process.env.${variable}"`;
  return execFileSync("npm", ["exec", "--call", script], { encoding: "utf8", env: { ...others, ...env } }).trim();
}

test("npm keeps the user's NODE_OPTIONS", () => {
  expect(inScripts("NODE_OPTIONS", {})).toBe("undefined");
  expect(inScripts("NODE_OPTIONS", { NODE_OPTIONS: "--no-warnings" })).toBe("--no-warnings");
});

test.each(["diff", "deploy", "destroy"] as const)("npm run %s passes on the arguments after --", (name) => {
  const help = execFileSync("npm", ["run", "--silent", name, "--", "--help"], { encoding: "utf8", stdio: "pipe" });
  expect(help).toMatch(new RegExp(`^cdktf ${name} `));
});

test("npm run diff lists the stages", () => {
  const env = { ...process.env, EVENT_PIPELINE_STAGE: "../dev" };
  const { status, stderr } = spawnSync("npm", ["run", "--silent", "diff", "--", "--skip-synth"], {
    encoding: "utf8",
    env,
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Unknown stage "\.\.\/dev"\..* dev, emulator, prod\./);
});
