// The local run and `event-pipeline --local` ignore the user's AWS settings.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { runCliProcess } from "@event-pipeline/testing/run-cli";
import { at } from "@event-pipeline/testing/synthesized";
import { sdkSettings } from "./sdk-settings";

const { variables, keys } = sdkSettings();
const folder = mkdtempSync(join(tmpdir(), "aws-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A value that no setting accepts: too long for an application's name, and not a number, Region, mode or address. */
const NONSENSE = "x".repeat(60);

/** An address where nothing listens. */
const NOBODY = "http://127.0.0.1:9";

function configFile(name: string, ...lines: string[]): Record<string, string> {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return { AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: file };
}

const allVariables = (value: string) => Object.fromEntries(variables.map((name) => [name, value]));
const allKeys = (value: string) => ["[default]", ...keys.map((key) => `${key} = ${value}`)];

test("covers all settings of the SDK", () => {
  expect(variables).toEqual(expect.arrayContaining(["AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT", "AWS_SDK_UA_APP_ID"]));
  expect(keys).toEqual(expect.arrayContaining(["region", "use_fips_endpoint", "max_attempts", "role_arn", "services"]));
});

const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "every variable true": allVariables("true"),
  "every variable nonsense": allVariables(NONSENSE),
  "every key of the files true": configFile("true", ...allKeys("true")),
  "every key of the files nonsense": configFile("nonsense", ...allKeys(NONSENSE)),
  "files that are broken": configFile("broken", "[default", "use_fips_endpoint", "= = =", "[[[", "\0"),
  "files that are folders": { AWS_CONFIG_FILE: folder, AWS_SHARED_CREDENTIALS_FILE: folder },
  "a profile that is missing, endpoints elsewhere, a proxy, and options of Node.js": {
    ...configFile("profile", "[profile other]", "region = eu-west-1"),
    AWS_PROFILE: "gone",
    ...Object.fromEntries(
      ["URL", "URL_SNS", "URL_SQS", "URL_DYNAMODB", "URL_S3"].map((name) => [`AWS_ENDPOINT_${name}`, NOBODY]),
    ),
    ...Object.fromEntries(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy"].map((name) => [name, NOBODY])),
    NODE_USE_ENV_PROXY: "1",
    NODE_OPTIONS: "--pending-deprecation --enable-source-maps --dns-result-order=ipv6first",
  },
};

test.each(Object.entries(ENVIRONMENTS))(
  "%s",
  async (_, environment) => {
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    // The page reads the dead-letter queue with its own clients.
    const run = LocalRun.spawnUnder(["env", ...settings]);
    await run.waitFor(({ kind }) => kind === "verdict");
    expect(run.lines).toContainEqual({ kind: "verdict", ok: true, problems: [] });
    const stream = await PageStream.open(String(run.ready.page));
    const looked = await fetch(new URL("/api/dlq/peek", run.ready.page), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${(await stream.hello).token}` },
      body: "{}",
    });
    expect([looked.status, await looked.text()]).toEqual([200, expect.stringContaining("NOT_JSON")]);
    stream.close();

    // --local reads only this variable, because the port may differ.
    const ofRun = { ...environment, AWS_ENDPOINT_URL: run.ready.endpoint };
    const commands = [["publish", "mine"], ["status"], ["dlq", "list"], ["events", "types"]];
    // One after another, because two that peek at the dead-letter queue at once hold each other's messages.
    for (const command of commands) {
      const { code, stderr } = await runCliProcess([...command, "--local"], { environment: ofRun });
      expect([command, code, stderr.match(/error|warning/i)]).toEqual([command, 0, null]);
    }
    expect(await run.stop()).toBe(0);
    expect(run.stderr).toBe("");
  },
  60_000,
);

test("hides the user's AWS settings and files from handlers", async () => {
  writeFileSync(
    join(folder, "index.mjs"),
    "console.log(`has ${JSON.stringify(process.env)}`); export const handler = () => undefined;\n",
  );
  const stack = stackFolder((edited) => {
    at(edited, "data.archive_file.event_processor").source_dir = folder;
  });
  const settings = variables.map((name) => `${name}=${NONSENSE}`);
  const run = LocalRun.spawnUnder(["env", ...settings], "--no-demo", "--stack-folder", stack);
  const { line } = await run.waitFor(({ kind, line }) => kind === "log" && String(line).startsWith("has "));
  expect(await run.stop()).toBe(0);
  const found = JSON.parse(String(line).slice("has ".length)) as Record<string, string>;
  expect(Object.values(found)).not.toContain(NONSENSE);
  expect(found).toMatchObject({ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull });
});
