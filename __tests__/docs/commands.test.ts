// Commands in documents that Node.js alone can check. commands.docs.test.ts runs those of the AWS CLI.
import { existsSync } from "node:fs";
import { HELP as BENCH_HELP } from "@event-pipeline/bench/options";
import { HELP as START_HELP } from "@event-pipeline/local-run/options";
import { scripts } from "../../package.json";
import { isSetup, withoutEnvironment } from "../helpers/doc-commands";
import { commands, ofTool, shell, TOOLS, toolOf } from "./documented-commands";

/** Scripts, and commands of cdktf, that reach AWS. */
const DEPLOYING = ["diff", "deploy", "destroy"];

async function helpOf(script: string): Promise<string> {
  if (script === "start") return START_HELP;
  if (script === "bench") return BENCH_HELP;
  return DEPLOYING.includes(script) ? (await shell(["npx", "cdktf", script, "--help", "2>&1"].join(" "))).stdout : "";
}

test("every command starts with a tool that is tested here", () => {
  const strangers = commands.filter((command) => !TOOLS.includes(toolOf(command)) && !isSetup(command));
  expect(strangers).toEqual([]);
  for (const tool of ["aws", "npm"]) expect(ofTool(tool).length).toBeGreaterThan(3);
});

describe("npm and npx commands exist, with their options", () => {
  test.each(ofTool("npm"))("$text ($file)", async ({ text, awsOnly }) => {
    for (const part of withoutEnvironment(text).split(" && ")) {
      const [, name, script, options = ""] = /^npm (?:run )?(\S+)()(?: -- (.*))?$/.exec(part) ?? [];
      expect(script).toBe("");
      const known = ["audit", "ci", "cit", "pack", ...Object.keys(scripts)];
      expect(known).toContain(name);
      const help = await helpOf(String(name));
      for (const option of options.match(/--[\w-]+/g) ?? []) expect(help).toContain(`  ${option}`);
      if (DEPLOYING.includes(String(name))) expect(awsOnly).toBe(true);
    }
  });

  test.each(ofTool("npx"))("$text ($file)", async ({ text, awsOnly }) => {
    const [, binary = "", ...args] = withoutEnvironment(text).split(" ");
    if (binary === "event-pipeline") {
      const { stdout } = await shell(
        `packages/cli/event-pipeline.mjs ${args.filter((arg) => /^[a-z]+$/.test(arg)).join(" ")} --help`,
      );
      expect(stdout).toContain(`Usage: event-pipeline ${args[0] ?? "[options]"}`);
      return;
    }
    expect(existsSync(`node_modules/.bin/${binary}`)).toBe(true);
    // The help of the command itself, because an unknown command prints the help of all.
    const { stdout } = await shell(`node_modules/.bin/${binary} ${args.join(" ")} --help 2>&1`);
    expect(stdout).toContain(`${binary} ${args[0] ?? ""}`);
    if (DEPLOYING.includes(String(args[0]))) expect(awsOnly).toBe(true);
  });

  test.each(ofTool("terraform"))("$text ($file)", ({ text, awsOnly }) => {
    expect(text).toMatch(
      /^terraform (?:init(?: -upgrade)?|plan|show kept\.tfplan|apply|destroy|state rm \w+\.\w+|import aws_\w+\.\w+ \S+|\S+ providers mirror .*|providers lock)$/,
    );
    expect(awsOnly).toBe(true);
  });
});
