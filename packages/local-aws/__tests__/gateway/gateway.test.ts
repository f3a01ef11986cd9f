// Real headers over a real socket: a browser sets these, and no page can set others.
import { request } from "node:http";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { clientsFor } from "../../clients";

type Headers = Readonly<Record<string, string>>;

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

test("rejects a form of another site, which deletes no topic", async () => {
  const TopicArn = run.output("topic_arn");
  const form = new URLSearchParams({ Action: "DeleteTopic", TopicArn }).toString();
  const type = { "content-type": "application/x-www-form-urlencoded" };
  for (const Origin of ["https://example.com", "null", "http://localhost.example.com", "http://127.0.0.1.nip.io"]) {
    const { status, text } = await post({ ...type, Origin }, form);
    expect(status).toBe(403);
    expect(text).toContain(`Origin &#34;${Origin}&#34;`);
  }
  const { Topics } = await run.clients.sns.send(new ListTopicsCommand({}));
  expect(Topics?.map((topic) => topic.TopicArn)).toContain(TopicArn);
});

test("rejects a DNS name that resolves to 127.0.0.1, and adds no CORS header", async () => {
  const target = { "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" };
  const { status, headers, text } = await post({ ...target, Host: "rebound.example.com:4566" }, "{}");
  expect(status).toBe(403);
  expect(JSON.parse(text).message).toContain('Host "rebound.example.com:4566"');
  expect(headers).not.toHaveProperty("access-control-allow-origin");
});

test("names its region to a request that is signed for another one", async () => {
  const { endpoint } = run.ready;
  const abroad = clientsFor(endpoint, "eu-west-1");
  await expect(abroad.dynamodb.send(new ListTablesCommand({}))).rejects.toThrow(
    "signed for eu-west-1, but the local run is in us-east-1: set AWS_REGION=us-east-1",
  );
});
