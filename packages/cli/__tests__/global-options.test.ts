import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@event-pipeline/operations/errors";
import { type Answer, FaultyProxy, type SdkRequest, xmlError } from "@event-pipeline/testing/faulty-proxy";
import { CliProcess, runCli, runCliProcess } from "@event-pipeline/testing/run-cli";
import { pipelineConnection } from "../global-options";

const LOCAL = {
  name: "local",
  endpoint: "http://127.0.0.1:4566",
  region: "us-east-1",
  isLocalRun: true,
};
const parsed = (options: object, environment: Record<string, string> = {}) =>
  pipelineConnection({ color: true, ...options }, environment);

describe("the pipeline that options and environment variables select", () => {
  test.each<[object, Record<string, string>, object]>([
    [{ local: true }, {}, LOCAL],
    [{ local: true }, { AWS_REGION: "eu-west-1", AWS_PROFILE: "prod", AWS_ACCESS_KEY_ID: "real" }, LOCAL],
    [
      { local: true },
      { AWS_ENDPOINT_URL: "http://localhost:5000", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      { ...LOCAL, endpoint: "http://localhost:5000" },
    ],
    [{ local: true }, { AWS_ENDPOINT_URL: "https://vpce.example.com" }, LOCAL],
    [{ local: true }, { AWS_ENDPOINT_URL: "nowhere" }, LOCAL],
    [{ local: true }, { AWS_ENDPOINT_URL: "ftp://127.0.0.1" }, LOCAL],
    [{ local: true, name: "other", region: "eu-west-1" }, {}, { ...LOCAL, name: "other", region: "eu-west-1" }],
    [
      { local: true, endpointUrl: "http://[::1]:4566" },
      { AWS_ENDPOINT_URL: "http://x" },
      { ...LOCAL, endpoint: "http://[::1]:4566" },
    ],
    [{ name: "alice" }, {}, { name: "alice", endpoint: undefined, region: undefined, isLocalRun: false }],
    [{}, { EVENT_PIPELINE_NAME: "bob", AWS_DEFAULT_REGION: "eu-west-1" }, { name: "bob", region: "eu-west-1" }],
    [{}, { EVENT_PIPELINE_NAME: "bob", AWS_PROFILE: "p", AWS_DEFAULT_REGION: "eu-west-1" }, { region: undefined }],
    [
      { name: "alice" },
      { EVENT_PIPELINE_NAME: "bob", AWS_REGION: "eu-west-1" },
      { name: "alice", region: "eu-west-1" },
    ],
    [
      { name: "alice" },
      { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      { endpoint: undefined },
    ],
    // Other emulators listen on this machine, too.
    [
      { name: "alice", profile: "ops" },
      { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" },
      { profile: "ops", region: undefined, isLocalRun: false },
    ],
  ])("%j with %j", (options, environment, expected) => {
    expect(parsed(options, environment)).toMatchObject(expected);
  });

  test.each(["https://sns.eu-west-1.amazonaws.com", "http://127.0.0.1:4566"])(
    "requires a name for a pipeline at %s",
    (endpoint) => {
      expect(() => parsed({}, { AWS_ENDPOINT_URL: endpoint })).toThrow(UsageError);
    },
  );
});

test.each(["http://user:sesame@127.0.0.1:1", "http//user:sesame@127.0.0.1"])(
  "refuses %s without printing its password",
  async (url) => {
    const { code, stderr } = await runCli(["publish", "x", "--name", "alice", "--endpoint-url", url]);
    expect(code).toBe(2);
    expect(stderr).not.toContain("sesame");
  },
);

test("signs requests with the profile's credentials and region", async () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  const [config, credentials] = [join(folder, "config"), join(folder, "credentials")];
  writeFileSync(config, "[profile ops]\nregion = eu-central-1\n");
  writeFileSync(credentials, "[ops]\naws_access_key_id = AKIAOPS\naws_secret_access_key = secret\n");
  const proxy = await FaultyProxy.open(() => xmlError(403, "ExpiredToken"));
  const environment = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
  const args = ["publish", "x", "--no-validate", "--name", "alice", "--endpoint-url", proxy.endpoint];
  const byOption = await runCliProcess([...args, "--profile", "ops"], { environment });
  const byVariable = await runCliProcess(args, { environment: { ...environment, AWS_PROFILE: "ops" } });
  const missing = await runCliProcess([...args, "--profile", "nobody"], { environment });
  await proxy.close();
  expect([byOption.code, byVariable.code, missing.code]).toEqual([4, 4, 2]);
  expect(proxy.requests.map(({ accessKeyId, region }) => [accessKeyId, region])).toEqual([
    ["AKIAOPS", "eu-central-1"],
    ["AKIAOPS", "eu-central-1"],
  ]);
  expect(missing.stderr).toContain("--region");
});

test("ignores empty variables of AWS and of the pipeline", async () => {
  const config = join(mkdtempSync(join(tmpdir(), "profile-")), "config");
  writeFileSync(
    config,
    "[default]\nregion = eu-central-1\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = b\n",
  );
  const proxy = await FaultyProxy.open(() => xmlError(403, "ExpiredToken"));
  const names = ["REGION", "DEFAULT_REGION", "PROFILE", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"];
  const others = ["DEFAULTS_MODE", "RETRY_MODE", "USE_FIPS_ENDPOINT", "ENDPOINT_URL_STS", "CA_BUNDLE"];
  const empty = Object.fromEntries([...names, ...others].map((name) => [`AWS_${name}`, ""]));
  const environment = { ...empty, EVENT_PIPELINE_NAME: "", AWS_CONFIG_FILE: config };
  const args = ["--endpoint-url", proxy.endpoint];
  const named = await runCliProcess(["publish", "x", "--no-validate", "--name", "alice", ...args], { environment });
  const nameless = await runCliProcess(["publish", "x", ...args], { environment });
  await proxy.close();
  expect([named.code, nameless.code, nameless.stderr]).toEqual([4, 2, expect.stringContaining("--name")]);
  expect(proxy.requests.map(({ accessKeyId, region }) => [accessKeyId, region])).toEqual([
    ["AKIADEFAULT", "eu-central-1"],
  ]);
});

test("reports a missing region as a usage error", async () => {
  const environment = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const { code, stderr } = await runCliProcess(["publish", "x", "--name", "alice"], { environment });
  expect([code, stderr]).toEqual([2, expect.stringContaining("--region")]);
});

/** Answers as SQS of an emulator whose queue URLs have AWS's host. */
function queueElsewhere({ action }: SdkRequest): Answer {
  const counts = ["", "NotVisible", "Delayed"].map((which) => [`ApproximateNumberOfMessages${which}`, "0"]);
  const Attributes = Object.fromEntries(counts);
  const QueueUrl = "https://sqs.eu-west-1.amazonaws.invalid/123456789012/alice-events-dlq";
  return { status: 200, body: JSON.stringify(action === "GetQueueUrl" ? { QueueUrl } : { Attributes }) };
}

test("sends every request to the configured endpoint, even if a queue's URL has another host", async () => {
  const proxy = await FaultyProxy.open(queueElsewhere);
  const credentials = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const environment = { ...credentials, AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: proxy.endpoint };
  const ran = await runCliProcess(["dlq", "list", "--name", "alice", "--json"], { environment });
  await proxy.close();
  expect(ran).toMatchObject({ code: 0, stderr: "Peeked at 0 of about 0 messages.\n" });
  expect(proxy.requests.map(({ action }) => action)).toContain("ReceiveMessage");
});

test("sends a service's requests to its own endpoint, unless --endpoint-url is given", async () => {
  const [common, ofSqs] = [await FaultyProxy.open(queueElsewhere), await FaultyProxy.open(queueElsewhere)];
  const environment = {
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: common.endpoint,
    AWS_ENDPOINT_URL_SQS: ofSqs.endpoint,
  };
  const command = "node dist/cli/main.mjs dlq list --name alice --json";
  const counts = () =>
    [common, ofSqs].map(({ requests }) => requests.filter(({ service }) => service === "sqs").length);
  expect(await CliProcess.shell(command, environment).done).toMatchObject({ code: 0 });
  const byVariable = counts();
  await CliProcess.shell(`${command} --endpoint-url ${common.endpoint}`, environment).done;
  await Promise.all([common.close(), ofSqs.close()]);
  expect(byVariable).toEqual([0, expect.any(Number)]);
  expect(counts()).toEqual([byVariable[1], byVariable[1]]);
});

test("assumes a profile's role at the endpoint", async () => {
  const config = join(mkdtempSync(join(tmpdir(), "profile-")), "config");
  const role = "role_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = user\nregion = eu-central-1";
  writeFileSync(config, `[profile ops]\n${role}\n[profile user]\naws_access_key_id = A\naws_secret_access_key = b\n`);
  const proxy = await FaultyProxy.open(() => xmlError(403, "AccessDenied"));
  const environment = { AWS_CONFIG_FILE: config };
  const args = [
    "publish",
    "x",
    "--no-validate",
    "--name",
    "alice",
    "--profile",
    "ops",
    "--endpoint-url",
    proxy.endpoint,
  ];
  const { code } = await runCliProcess(args, { environment });
  await proxy.close();
  expect(code).toBe(4);
  expect(proxy.requests.map(({ action }) => action)).toEqual(["AssumeRole"]);
});
