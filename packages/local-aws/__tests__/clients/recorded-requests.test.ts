import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { allFrom, openSocket } from "../gateway/raw";

/**
 * Requests that clients sent, and parts of the responses that they understood. A line `### ` begins a request, and a line
 * `<<< ` its status, with a part of the response on each line after it. A body is a JSON string if it has line breaks.
 */
const FOLDER = join(__dirname, "recorded-requests");

/** Values that a request repeats from an earlier response, as `{{UploadId}}`. */
const REPEATED = /(?<name>UploadId|QueueUrl|ReceiptHandle)(?:>|":")(?<value>[^"<]+)/g;

interface RecordedRequest {
  readonly title: string;
  readonly head: string;
  readonly body: string;
  readonly status: string;
  readonly parts: readonly string[];
}

function parse(text: string): RecordedRequest[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [, title = "", head = "", body = "", status = "", parts = ""] =
        /^(.*)\n([\s\S]*?)\n\n([\s\S]*?)\n?<<< (\d+)\n([\s\S]*)$/.exec(part) ?? [];
      const decoded = body.startsWith('"') ? (JSON.parse(body) as string) : body;
      return { title, head, body: decoded, status, parts: parts.split("\n").filter((line) => line !== "") };
    });
}

describe.each(readdirSync(FOLDER))("%s", (file) => {
  const requests = parse(readFileSync(join(FOLDER, file), "utf8"));
  const repeated = new Map<string, string>();
  let aws: LocalAws;

  beforeAll(async () => {
    aws = await startLocalAws();
  });

  afterAll(async () => aws.stop());

  const filled = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => repeated.get(name) ?? "");

  test("has requests", () => expect(requests.length).toBeGreaterThan(3));

  test.each(requests)("$title", async ({ head, body, status, parts }) => {
    const bytes = Buffer.from(filled(body));
    const lines = filled(head)
      .split("\n")
      .filter((line) => !/^(connection|content-length):/i.test(line));
    const request = [...lines, `Content-Length: ${bytes.length}`, "Connection: close", "", ""].join("\r\n");
    const response = await allFrom(await openSocket(aws.endpoint, Buffer.concat([Buffer.from(request), bytes])));
    const statuses = [...response.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => code);
    expect(statuses.at(-1)).toBe(status);
    for (const part of parts) expect(response).toContain(filled(part));
    for (const { groups: { name = "", value = "" } = {} } of response.matchAll(REPEATED)) repeated.set(name, value);
  });
});
