import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SNSClient } from "@aws-sdk/client-sns";
import { LOCAL_RUN } from "@event-pipeline/operations/pipeline-connection";
import { LocalRun } from "@event-pipeline/testing/local-run";
import fc from "fast-check";
import { publishEvent } from "../../stacks/publish";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:local-events";

/** Returns a client, and the inputs of its requests. */
function recordingClient() {
  const inputs: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    inputs.push(input);
    return { MessageId: `m-${inputs.length}` };
  };
  return { client: { send } as unknown as SNSClient, inputs };
}

test("sends the event as it is, with the options' ID, time and attributes", async () => {
  const names = fc.constantFrom("type", "a", "ID", "timestamp", "constructor");
  const events = fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true });
  const options = fc.record({ id: fc.string(), time: fc.constantFrom("x", new Date(0)) }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(events, options, fc.dictionary(fc.string(), fc.string()), async (event, given, attributes) => {
      const { client, inputs } = recordingClient();
      expect(await publishEvent(TOPIC, event, { ...given, attributes, client })).toBe("m-1");
      const [{ Message, MessageAttributes, TopicArn } = {}] = inputs;
      expect(JSON.parse(String(Message))).toEqual(JSON.parse(JSON.stringify({ ...event, ...given })));
      const values = Object.entries(Object(MessageAttributes)).map(([name, value]) => [
        name,
        Object(value).StringValue,
      ]);
      expect([values, TopicArn]).toEqual([Object.entries(attributes), TOPIC]);
    }),
  );
});

test.each([
  [{ id: "a" }, { id: "b" }, /"id".*"b"/],
  [{ time: 1 }, { time: new Date(0) }, /"time".*1970/],
])("refuses %j with the option %j", async (event, options, message) => {
  const { client, inputs } = recordingClient();
  await expect(publishEvent(TOPIC, event, { ...options, client })).rejects.toThrow(message);
  expect(inputs).toEqual([]);
});

test.each(["", "local-events", "arn:aws:sqs:us-east-1:000000000000:local-events", `${TOPIC}:subscription`])(
  "refuses %j as a topic's ARN",
  async (arn) => {
    await expect(publishEvent(arn, {})).rejects.toThrow(JSON.stringify(arn));
  },
);

test("publishes to a topic, in whose region its own client is", async () => {
  const run = await LocalRun.start();
  const { accessKeyId, secretAccessKey } = LOCAL_RUN.credentials;
  const variables = {
    AWS_ENDPOINT_URL: run.ready.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  Object.assign(process.env, variables);
  const messageId = await publishEvent(run.output("topic_arn"), { type: "scan.done", id: "typed-1" }).finally(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
  expect(await run.waitForHop(messageId, "stored")).toMatchObject({ detail: { event_type: "scan.done" } });
  expect(await run.stop()).toBe(0);
});

test("synth does not import the AWS SDK", () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const metafile = join(folder, "metafile.json");
  const external = ["cdktf", "constructs", "@cdktf/*", "@aws-sdk/*"].map((name) => `--external:${name}`);
  const args = ["--bundle", "--platform=node", `--outdir=${folder}`, `--metafile=${metafile}`, ...external];
  const { status, stderr } = spawnSync("node_modules/.bin/esbuild", ["main.ts", "stacks/package.ts", ...args], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const { inputs } = JSON.parse(readFileSync(metafile, "utf8")) as {
    inputs: Record<string, { imports: { path: string }[] }>;
  };
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(["main.ts", "stacks/package.ts"]));
  expect(Object.keys(inputs)).not.toContain("stacks/publish.ts");
  const imported = Object.values(inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported.filter((path) => path.includes("@aws-sdk"))).toEqual([]);
});
