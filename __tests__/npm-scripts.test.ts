import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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

describe("with an endpoint", () => {
  const emulator = "http://127.0.0.1:4566";
  const profile = join(mkdtempSync(join(tmpdir(), "aws-config-")), "config");
  const started = (script: string, stage: string, variables: Readonly<Record<string, string>>) => {
    const env = { ...process.env, CDKTF_OUTPUT: `${profile}-none`, ...variables, EVENT_PIPELINE_STAGE: stage };
    // The JSON does not exist, so a script that passes the checks ends at once.
    const args = ["tools/stage.mjs", "cdktf", script, "--skip-synth"];
    return spawnSync(process.execPath, args, { encoding: "utf8", env });
  };

  const refused: [string, string, Readonly<Record<string, string>>, config?: string][] = [
    ["dev", "AWS_ENDPOINT_URL is http", { AWS_ENDPOINT_URL: emulator }],
    ["prod", "AWS_ENDPOINT_URL is https", { AWS_ENDPOINT_URL: "https://amazonaws.com.example" }],
    ["prod", "AWS_ENDPOINT_URL is nowhere", { AWS_ENDPOINT_URL: "nowhere" }],
    ["dev", "AWS_ENDPOINT_URL_DYNAMODB is http", { AWS_ENDPOINT_URL_DYNAMODB: emulator }],
    ["dev", "AWS_DYNAMODB_ENDPOINT is http", { AWS_DYNAMODB_ENDPOINT: emulator }],
    ["dev", "endpoint_url of the profile default is http", {}, `[default]\nendpoint_url = ${emulator}\n`],
    [
      "dev",
      "sqs.endpoint_url of the services x is http",
      { AWS_PROFILE: "y" },
      `[profile y]\nservices = x\n[services x]\nsqs =\n  endpoint_url = ${emulator}\n`,
    ],
    ["prod", "AWS_ENDPOINT_URL is http", { AWS_ENDPOINT_URL: "http://ec2-1-2-3-4.compute-1.amazonaws.com:4566" }],
    ["prod", "AWS_ENDPOINT_URL is https", { AWS_ENDPOINT_URL: "https://a.execute-api.us-east-1.amazonaws.com" }],
    ["dev", "AWS_ENDPOINT_URL is http", { AWS_ENDPOINT_URL: emulator, EVENT_PIPELINE_EMULATOR: "true" }],
    ["dev", "AWS_ENDPOINT_URL is http://***@127", { AWS_ENDPOINT_URL: "http://me:secret@127.0.0.1" }],
    ["dev", "endpoint_url of the profile default is http", {}, `[default]\nEndpoint_URL = ${emulator}\n`],
    ["dev", "The profile nobody in AWS_PROFILE is not in", { AWS_PROFILE: "nobody" }],
    ["emulator", "no endpoint outside AWS is set", {}],
    ["emulator", "no endpoint outside AWS is set", { AWS_ENDPOINT_URL: "https://sqs.us-east-1.amazonaws.com" }],
    [
      "emulator",
      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true",
      { AWS_ENDPOINT_URL: emulator, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
    ],
    ["emulator", "AWS_ENDPOINT_URL is not set", { AWS_ENDPOINT_URL_SQS: emulator }],
    [
      "emulator",
      "AWS_ENDPOINT_URL_STS is https",
      { AWS_ENDPOINT_URL: emulator, AWS_ENDPOINT_URL_STS: "https://sts.us-east-1.amazonaws.com" },
    ],
  ];
  test.each(refused)("the scripts refuse the stage %s: %s", (stage, reason, variables, config = "") => {
    writeFileSync(profile, config);
    for (const script of ["diff", "deploy", "destroy"]) {
      const { status, stderr } = started(script, stage, { AWS_CONFIG_FILE: profile, ...variables });
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(reason) });
      expect(stderr).toMatch(/^The (?:stage|profile) .*\.\n$/);
      expect(stderr).not.toContain("secret");
    }
  });

  test.each([
    ["emulator", { AWS_ENDPOINT_URL: emulator }],
    ["emulator", { AWS_ENDPOINT_URL: `${emulator}/`, AWS_ENDPOINT_URL_SQS: emulator, AWS_ENDPOINT_URL_STS: "" }],
    ["dev", { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: "https://models.example" }],
    ["dev", { AWS_ENDPOINT_URL_SQS: "https://vpce-1-2.sqs.us-east-1.vpce.amazonaws.com" }],
    ["dev", { AWS_ENDPOINT_URL: "https://sqs.cn-north-1.amazonaws.com.cn" }],
  ])("the scripts accept the stage %s with %j", (stage, variables) => {
    writeFileSync(profile, "");
    const { stderr } = started("diff", stage, { AWS_CONFIG_FILE: profile, ...variables });
    expect(stderr).toContain("Could not find manifest file");
  });

  test.each([
    "--no-skip-synth",
    "--skipSynth",
    "--skip-synth false",
    "--help false",
    "-- -h",
    "--output cdktf.out/stages/prod",
  ])("a deploy with %s is refused, because the check could not follow it", (options) => {
    writeFileSync(profile, "");
    const args = ["tools/stage.mjs", "cdktf", "deploy", ...options.split(" ")];
    const env = { ...process.env, AWS_CONFIG_FILE: profile, EVENT_PIPELINE_STAGE: "dev" };
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^(?:Unknown option|Unexpected argument) /)]);
  });
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
