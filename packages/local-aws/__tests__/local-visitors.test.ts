// Real headers over a real socket: a browser sets these, and no page can set others.
import { request } from "node:http";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import fc from "fast-check";
import { clientsFor } from "../clients";
import { foreignVisitor } from "../local-visitors";

type Headers = Readonly<Record<string, string>>;

const visit = (headers: Headers) => foreignVisitor({ headers } as never)?.status;

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
});
afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function post(headers: Headers, body: string) {
  const { hostname, port } = new URL(run.ready.endpoint);
  return new Promise<{ status: number | undefined; headers: object; text: string }>((resolve, reject) => {
    const sent = request({ hostname, port, method: "POST", headers }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.once("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.once("error", reject).end(body);
  });
}

test("a form of another site's page deletes no topic", async () => {
  const TopicArn = run.output("topic_arn");
  const form = new URLSearchParams({ Action: "DeleteTopic", TopicArn }).toString();
  const type = { "content-type": "application/x-www-form-urlencoded" };
  for (const Origin of ["https://example.com", "null", "http://localhost.example.com", "http://127.0.0.1.nip.io"]) {
    const { status, text } = await post({ ...type, Origin }, form);
    expect(status).toBe(403);
    expect(text).toContain(`The Origin is &#34;${Origin}&#34;.`);
  }
  const { Topics } = await run.clients.sns.send(new ListTopicsCommand({}));
  expect(Topics?.map((topic) => topic.TopicArn)).toContain(TopicArn);
});

test("a name that somebody else made to point here reads no table", async () => {
  const target = { "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" };
  const { status, headers, text } = await post({ ...target, Host: "rebound.example.com:4566" }, "{}");
  expect(status).toBe(403);
  expect(JSON.parse(text).message).toContain('The Host is "rebound.example.com:4566"');
  expect(headers).not.toHaveProperty("access-control-allow-origin");
});

test.each(["127.0.0.1", "[::1]:4566", "localhost:1", "LOCALHOST", "my-bucket.localhost:65535"])(
  "%s is a local name",
  (host) => {
    expect(visit({ host })).toBeUndefined();
    expect(visit({ host, origin: `http://${host}` })).toBeUndefined();
  },
);

test("nothing else is, however much it looks like one", () => {
  const local = fc.constantFrom("localhost", "127.0.0.1", "[::1]");
  const lookAlike = fc.oneof(
    fc.webAuthority(),
    fc.domain(),
    fc.tuple(local, fc.domain()).map((parts) => parts.join(".")),
    fc.tuple(fc.domain(), local).map((parts) => parts.join("@")),
    fc
      .tuple(local, fc.constantFrom("/", "?", "#", "\\", "@", "%", ".", " ", "\t", "。"))
      .map((parts) => parts.join("")),
    fc.constantFrom("127.1", "0x7f.1", "2130706433", "127.0.0.1.", "localhost.", "[::ffff:7f00:1]", "ⓛocalhost", "::1"),
  );
  fc.assert(
    fc.property(lookAlike, (host) => {
      fc.pre(!/^(127\.0\.0\.1|\[::1\]|([\w-]+\.)*localhost)(:\d+)?$/i.test(host));
      expect(visit({ host })).toBe(403);
      expect(visit({ host: "localhost", origin: `http://${host}` })).toBe(403);
    }),
    { numRuns: 2_000 },
  );
});

test("another site's picture or link, which has no Origin, gets no answer", () => {
  expect(visit({ host: "localhost", "sec-fetch-site": "cross-site" })).toBe(403);
  expect(visit({ host: "localhost", "sec-fetch-site": "same-origin" })).toBeUndefined();
  expect(visit({ host: "localhost", "sec-fetch-site": "none" })).toBeUndefined();
});

test("a request for another region is told which one this is", async () => {
  const { endpoint } = run.ready;
  const abroad = clientsFor(endpoint, "eu-west-1");
  await expect(abroad.dynamodb.send(new ListTablesCommand({}))).rejects.toThrow(
    "signed for eu-west-1. The local run is in us-east-1: set AWS_REGION=us-east-1",
  );
});
