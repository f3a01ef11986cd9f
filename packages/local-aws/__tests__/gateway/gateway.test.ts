import { Agent } from "node:http";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { cbor } from "@smithy/core/cbor";
import { CLOUDWATCH } from "../../cloudwatch/service";
import type { RequestContext } from "../../gateway/service";
import { LAMBDA } from "../../lambda/service";
import { AwsError } from "../../protocols/aws-error";
import { NotSupported } from "../../protocols/invalid-input";
import { S3 } from "../../s3/service";
import { SQS } from "../../sqs/service";
import { MemoryStorage } from "../../storage/storage";
import { STS } from "../../sts/service";
import { stubService } from "../contract/stubs";
import { type Services, startServices } from "../start-services";
import { allFrom, openSocket, send, signedFor } from "./raw";

const SQS_JSON = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage" };
const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const CBOR = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
const CBOR_PATH = "/service/GraniteServiceVersion20100801/operation/PutMetricData";

const LARGE = 20 * 1024 * 1024;

/** Answer of the stub of each action. */
let answer: (operation: string, input: Record<string, unknown>, context: RequestContext) => unknown;
let services: Services;
let flushed: Promise<void> | undefined;

class SlowStorage extends MemoryStorage {
  override flush(): undefined {
    return flushed as undefined;
  }
}

beforeAll(async () => {
  const stubs = [SQS, CLOUDWATCH, S3, LAMBDA].map((definition) =>
    stubService(definition, definition.schemas, (...args) => answer(...args)),
  );
  services = await startServices(
    () => [{ definition: STS, state: undefined }, ...stubs.map((definition) => ({ definition, state: undefined }))],
    { storage: new SlowStorage() },
  );
});
beforeEach(() => {
  flushed = undefined;
  answer = () => ({});
});
afterAll(() => services.stop());

const sendJson = (body: string | Uint8Array, headers = {}) =>
  send(services.endpoint, { headers: { ...SQS_JSON, ...headers }, body });

const echo = JSON.stringify({ QueueUrl: "q", MessageBody: "m" });

/** Makes the stubs store their input. */
function received(): Record<string, unknown>[] {
  const inputs: Record<string, unknown>[] = [];
  answer = (_operation, input) => {
    inputs.push(input);
    return {};
  };
  return inputs;
}

describe("identity", () => {
  const arnFor = async (accessKeyId: string) => {
    const client = new STSClient({ ...services.config, credentials: { accessKeyId, secretAccessKey: "x" } });
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    client.destroy();
    return Arn;
  };

  test("is the local user's, or that of the role to which an access key belongs", async () => {
    services.callers.addRole("ROLE", "processor", "session");
    expect(await arnFor("local")).toBe("arn:aws:iam::000000000000:user/local");
    expect(await arnFor("stranger")).toBe("arn:aws:iam::000000000000:user/local");
    expect(await arnFor("ROLE")).toBe("arn:aws:sts::000000000000:assumed-role/processor/session");
  });

  test("comes from the URL of a presigned request, and is anonymous without a signature", async () => {
    const query = "Action=GetCallerIdentity&Version=2011-06-15";
    const credential = "X-Amz-Credential=ROLE%2F20260101%2Fus-east-1%2Fsts%2Faws4_request";
    const presigned = await send(services.endpoint, { method: "GET", path: `/?${query}&${credential}` });
    expect(presigned.text).toContain("assumed-role/processor/session");
    const anonymous = await send(services.endpoint, { method: "GET", path: `/?${query}` });
    expect(anonymous.text).toContain("<Arn>*</Arn>");
  });
});

describe("guards", () => {
  test.each([
    ["json", { headers: SQS_JSON }, /^\{"__type":"AccessDenied"/],
    ["query", { headers: FORM }, /<Code>AccessDenied<\/Code>/],
    ["rest-json", { headers: { authorization: signedFor("lambda") } }, /"message":/],
    ["rest-xml", { headers: { authorization: signedFor("s3") } }, /<Error><Code>AccessDenied<\/Code>/],
  ])("answer a foreign Origin or Host with 403 by %s", async (_, request, expected) => {
    for (const foreign of [
      { origin: "https://example.com" },
      { host: "rebound.example.com" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const { status, text, headers } = await send(services.endpoint, {
        ...request,
        headers: { ...request.headers, ...foreign },
      });
      expect([status, text]).toEqual([403, expect.stringMatching(expected)]);
      expect(headers).not.toHaveProperty("access-control-allow-origin");
    }
  });

  test("reject another region, and name the run's own; IAM is global", async () => {
    const { status, text } = await sendJson(echo, { authorization: signedFor("sqs", "eu-west-1") });
    expect([status, text]).toEqual([400, expect.stringContaining("set AWS_REGION=us-east-1")]);
    const elsewhere = await startServices(() => [], { region: "eu-west-1" });
    const headers = { ...FORM, authorization: signedFor("iam", "us-east-1") };
    const iam = await send(elsewhere.endpoint, { headers, body: "Action=ListRoles&Version=2010-05-08" });
    await elsewhere.stop();
    expect([iam.status, iam.text]).toEqual([501, expect.stringContaining("iam ListRoles")]);
  });

  test("let only internal callers in before the gateway opens and after it stops", async () => {
    const other = await startServices(() => [{ definition: STS, state: undefined }]);
    other.callers.addRole("FUNCTION", "processor", "session");
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    const statusFor = async (key: string) =>
      (await send(other.endpoint, { headers: { ...FORM, authorization: signedFor("sts", "us-east-1", key) }, body }))
        .status;
    other.gateway.state = "starting";
    expect([await statusFor("local"), await statusFor("FUNCTION")]).toEqual([503, 200]);
    other.gateway.state = "open";
    expect([await statusFor("local"), await statusFor("FUNCTION")]).toEqual([200, 200]);
    other.gateway.stop();
    expect([await statusFor("local"), await statusFor("FUNCTION")]).toEqual([503, 200]);
    await other.stop();
  });

  test("answer X-Amz-Target with another method than POST with 405", async () => {
    expect((await send(services.endpoint, { method: "PUT", headers: SQS_JSON, body: echo })).status).toBe(405);
  });
});

describe("what is unknown", () => {
  test.each([
    [
      "a service",
      { "x-amz-target": "Kinesis_20131202.PutRecord" },
      "/",
      "",
      /"UnknownOperationException","message":"The local run does not support Kinesis_20131202 PutRecord. Supported services: STS, SQS/,
    ],
    ["an action", { "x-amz-target": "AmazonSQS.Bogus" }, "/", "", /support SQS Bogus. Supported SQS actions: /],
    ["no action", { "content-type": "application/x-amz-json-1.0" }, "/", "", /support a request without an action/],
    [
      "a query service",
      { ...FORM, authorization: signedFor("ec2") },
      "/",
      "Action=RunInstances&Version=2016-11-15",
      /<Code>InvalidAction<\/Code><Message>The local run does not support ec2 RunInstances/,
    ],
    ["a query action", FORM, "/", "Action=toString&Version=2012-11-05", /support SQS toString/],
    [
      "a REST service",
      { authorization: signedFor("apigateway") },
      "/restapis",
      "",
      /support apigateway POST \/restapis/,
    ],
    [
      "a Lambda path",
      { authorization: signedFor("lambda") },
      "/2015-03-31/nothing",
      "",
      /support Lambda POST \/2015-03-31\/nothing/,
    ],
    ["an S3 method", { authorization: signedFor("s3") }, "/bucket/key?acl", "", /<Code>NotImplemented<\/Code>/],
    ["a service's other protocol", { ...CBOR }, "/service/AmazonSQS/operation/SendMessage", "", /SQS SendMessage/],
  ])("is answered with 501 in its own format: %s", async (_, headers, path, body, expected) => {
    const { status, text } = await send(services.endpoint, { headers, path, body });
    expect([status, text]).toEqual([501, expect.stringMatching(expected)]);
  });

  test("is answered in CBOR", async () => {
    const { status, body } = await send(services.endpoint, { headers: CBOR, path: "/service/Nothing/operation/Bogus" });
    expect([status, cbor.deserialize(body)]).toEqual([
      501,
      { __type: "UnknownOperationException", message: expect.stringContaining("Nothing Bogus") },
    ]);
  });

  test("refuses a length above 2^53 without a warning", async () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
    const body = Buffer.from("5bffffffffffffffff", "hex");
    expect((await send(services.endpoint, { path: CBOR_PATH, headers: CBOR, body })).status).toBe(400);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("names the member or the value that an action does not handle", async () => {
    answer = () => {
      throw new NotSupported("StorageClass GLACIER");
    };
    const { status, text } = await sendJson(echo);
    expect([status, text]).toEqual([
      501,
      expect.stringContaining("support SQS SendMessage with StorageClass GLACIER."),
    ]);
  });
});

describe("the query protocol", () => {
  const message = { QueueUrl: "q", MessageBody: "m" };
  const query = "Action=SendMessage&Version=2012-11-05&QueueUrl=q&MessageBody=m";

  test.each([
    ["a form", { headers: FORM, body: query }],
    ["the URL of a GET", { method: "GET", path: `/?${query}` }],
    ["the URL of a POST with Content-Length: 0", { path: `/?${query}`, headers: { "content-length": 0 } }],
    ["the URL of a POST with a content type", { path: `/?${query}`, headers: { ...FORM, "content-length": 0 } }],
    [
      "the URL and a form",
      {
        path: "/?Action=SendMessage&MessageBody=other",
        headers: FORM,
        body: "MessageBody=m&QueueUrl=q&Version=2012-11-05",
      },
    ],
    ["the URL, signed", { path: `/?${query}`, headers: { authorization: signedFor("sqs"), "content-length": 0 } }],
  ])("reads parameters in %s", async (_, request) => {
    const inputs = received();
    const { status } = await send(services.endpoint, request);
    expect([status, inputs]).toEqual([200, [message]]);
  });

  test("takes the queue from the path", async () => {
    const inputs = received();
    const path = "/000000000000/orders/?Action=SendMessage&Version=2012-11-05&MessageBody=m";
    expect((await send(services.endpoint, { method: "GET", path })).status).toBe(200);
    expect(inputs).toEqual([{ QueueUrl: `${services.endpoint}/000000000000/orders`, MessageBody: "m" }]);
  });

  test("reads a parameter into both members that have its name", async () => {
    const inputs = received();
    const body = "Action=ReceiveMessage&Version=2012-11-05&QueueUrl=q&AttributeName.1=All";
    await send(services.endpoint, { headers: FORM, body });
    expect(inputs).toEqual([{ QueueUrl: "q", AttributeNames: ["All"], MessageSystemAttributeNames: ["All"] }]);
  });

  test("sends the query code in JSON too, for clients that know it, and not to other services", async () => {
    answer = (operation) => {
      throw new AwsError(operation === "SendMessage" ? "QueueDoesNotExist" : "ResourceNotFoundException", "none");
    };
    const { headers } = await sendJson(echo);
    expect(headers["x-amzn-query-error"]).toBe("AWS.SimpleQueueService.NonExistentQueue;Sender");
    const lambda = await send(services.endpoint, {
      path: "/2015-03-31/functions/f/invocations",
      headers: { authorization: signedFor("lambda") },
    });
    expect([lambda.status, lambda.headers["x-amzn-query-error"]]).toEqual([404, undefined]);
  });
});

describe("bodies", () => {
  test.each([
    ["JSON", { headers: SQS_JSON, body: echo }],
    ["forms", { headers: FORM, body: "Action=SendMessage&Version=2012-11-05&QueueUrl=q&MessageBody=m" }],
  ])("are decompressed: %s", async (_, { headers, body }) => {
    const inputs = received();
    const compressed = { headers: { ...headers, "content-encoding": "gzip" }, body: gzipSync(body) };
    const { status } = await send(services.endpoint, compressed);
    expect([status, inputs]).toEqual([200, [{ QueueUrl: "q", MessageBody: "m" }]]);
  });

  test("are refused if compressed otherwise, damaged, or a bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const statuses = [];
    for (const [body, encoding] of [
      [bomb, "gzip"],
      [Buffer.from("x"), "gzip"],
      [Buffer.from(echo), "br"],
    ] as const) {
      statuses.push((await sendJson(body, { "content-encoding": encoding })).status);
    }
    expect(statuses).toEqual([413, 400, 400]);
  });

  test.each([
    ["announced", {}],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("refuses a body that is too large with 413, after which the connection still works: %s", async (_, headers) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = Buffer.alloc(LARGE, "x");
    const refused = await send(services.endpoint, { headers: { ...SQS_JSON, ...headers }, body, agent });
    expect(refused.status).toBe(413);
    expect((await send(services.endpoint, { headers: SQS_JSON, body: echo, agent })).status).toBe(200);
    agent.destroy();
  });

  test.each([
    ["an unknown action", { headers: { "x-amz-target": "AmazonSQS.Bogus" } }],
    ["another region", { headers: { ...SQS_JSON, authorization: signedFor("sqs", "eu-west-1") } }],
    ["an unknown S3 request", { path: "/bucket/key?acl", headers: { authorization: signedFor("s3") }, method: "PUT" }],
  ])("reads the body of %s, so that the client gets the answer and no reset", async (_, request) => {
    for (let round = 0; round < 3; round++) {
      const { status } = await send(services.endpoint, { ...request, body: Buffer.alloc(LARGE) });
      expect([400, 501]).toContain(status);
    }
  });

  test("leaves the connection open if an action stops reading the body", async () => {
    answer = async (_operation, _input, { request }) => {
      for await (const _chunk of request) throw new AwsError("BadDigest", "It does not match.");
      return {};
    };
    const request = { method: "PUT", path: "/bucket/key", headers: { authorization: signedFor("s3") } };
    const { status, text } = await send(services.endpoint, { ...request, body: Buffer.alloc(LARGE) });
    expect([status, text]).toEqual([400, expect.stringContaining("BadDigest")]);
  });

  test("limits the memory for bodies that no client finishes, and still serves small requests", async () => {
    const head = `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: GraniteServiceVersion20100801.PutMetricData\r\nContent-Length: 1000000\r\n\r\n{`;
    const sockets = await Promise.all(Array.from({ length: 300 }, () => openSocket(services.endpoint, head)));
    const rejection = await Promise.race(
      sockets.map((socket) => new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))))),
    );
    expect(rejection).toMatch(/^HTTP\/1\.1 503 .*"ServiceUnavailable".*256 MiB/s);
    expect((await sendJson(echo)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    const body = JSON.stringify({ Namespace: "n", MetricData: [], x: "x".repeat(900_000) });
    const target = { "x-amz-target": "GraniteServiceVersion20100801.PutMetricData" };
    const statusOfLarge = async () => (await send(services.endpoint, { headers: target, body })).status;
    while ((await statusOfLarge()) === 503); // Until the gateway has noticed that the clients are gone.
    // More than the budget in all.
    for (let round = 0; round < 300; round++) expect(await statusOfLarge()).toBe(200);
  }, 60_000);

  test("responds with the service's code to a body that is not JSON, XML or CBOR", async () => {
    expect((await sendJson('{"QueueUrl"')).status).toBe(400);
    const { status, text } = await send(services.endpoint, {
      headers: CBOR,
      path: CBOR_PATH,
      body: Buffer.from([0xbf, 0x61]),
    });
    expect([status, text]).toEqual([400, expect.stringContaining("not valid CBOR")]);
    const xml = await send(services.endpoint, {
      path: "/bucket?delete",
      headers: { authorization: signedFor("s3") },
      body: "<Delete>",
    });
    expect(xml.text).toContain("<Code>MalformedXML</Code>");
  });
});

describe("responses", () => {
  test("wait until all changes are durable, and so do errors", async () => {
    for (const isError of [false, true]) {
      let commit = () => {};
      flushed = new Promise<void>((resolve) => {
        commit = resolve;
      });
      answer = () => {
        if (isError) throw new AwsError("QueueDoesNotExist", "none");
      };
      let isAnswered = false;
      const sent = sendJson(echo).then((response) => {
        isAnswered = true;
        return response;
      });
      await send(services.endpoint, { headers: { "x-amz-target": "AmazonSQS.Bogus" } }); // Takes one round trip.
      expect(isAnswered).toBe(false);
      commit();
      expect((await sent).status).toBe(isError ? 400 : 200);
    }
  });

  test("to HEAD have headers only, and others keep their connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const head = { method: "HEAD", path: "/bucket/key", headers: { authorization: signedFor("s3") }, agent };
    answer = () => ({ ContentLength: 5, ETag: '"e"' });
    const found = await send(services.endpoint, head);
    expect([found.status, found.headers["content-length"], found.text]).toEqual([200, "5", ""]);
    answer = () => {
      throw new AwsError("NotFound", "none", 404);
    };
    expect((await send(services.endpoint, head)).status).toBe(404);
    answer = () => ({});
    const deleted = await send(services.endpoint, { ...head, method: "DELETE" });
    expect([deleted.status, deleted.headers["content-length"]]).toEqual([204, undefined]);
    expect((await send(services.endpoint, { headers: SQS_JSON, body: echo, agent })).status).toBe(200);
    agent.destroy();
  });

  test("with a header that HTTP does not allow become 500, and their stream ends", async () => {
    const Body = Readable.from(["x"]);
    answer = () => ({ Body, ContentType: "text/plain\u0100\n" });
    const request = { method: "GET", path: "/bucket/key", headers: { authorization: signedFor("s3") } };
    const { status, text } = await send(services.endpoint, request);
    expect([status, text]).toEqual([500, expect.stringContaining("InternalError")]);
    expect(Body.destroyed).toBe(true);
  });

  test("ends the connection if the stream of a response fails", async () => {
    answer = () => ({
      ContentLength: 100,
      Body: Readable.from(
        (async function* () {
          yield "part";
          throw new Error("The disk failed.");
        })(),
      ),
    });
    const request = { method: "GET", path: "/bucket/key", headers: { authorization: signedFor("s3") } };
    await expect(send(services.endpoint, request)).rejects.toThrow();
    answer = () => ({});
    expect((await sendJson(echo)).status).toBe(200);
  });

  test("to an unexpected error are 500", async () => {
    answer = () => (undefined as unknown as { x: { y: string } }).x.y;
    const { status, text } = await sendJson(echo);
    expect([status, text]).toEqual([500, expect.stringContaining("InternalFailure")]);
  });
});

describe("a client that disconnects", () => {
  test("in its body is forgotten", async () => {
    const socket = await openSocket(
      services.endpoint,
      "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 99\r\n\r\n{",
    );
    socket.destroy();
    expect((await sendJson(echo)).status).toBe(200);
  });

  test("or the gateway that stops aborts the action's signal", async () => {
    const other = await startServices(() => [
      { definition: stubService(SQS, SQS.schemas, (...args) => answer(...args)), state: undefined },
    ]);
    const aborted: string[] = [];
    answer = async (_operation, { MessageBody }, { disconnected }) => {
      await new Promise<void>((resolve) => disconnected().addEventListener("abort", () => resolve()));
      aborted.push(String(MessageBody));
      return {};
    };
    const text = (body: string) =>
      `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const gone = await openSocket(other.endpoint, text('{"QueueUrl":"q","MessageBody":"gone"}'));
    const waiting = await openSocket(other.endpoint, text('{"QueueUrl":"q","MessageBody":"waiting"}'));
    const answered = allFrom(waiting);
    gone.destroy();
    await until(() => aborted.length === 1);
    expect(aborted).toEqual(["gone"]);
    other.gateway.stop();
    expect(await answered).toMatch(/^HTTP\/1\.1 200/);
    expect(aborted).toEqual(["gone", "waiting"]);
    await other.stop();
  });

  test("has an aborted signal even if the action asks for it later", async () => {
    let signal: AbortSignal | undefined;
    let isDone = false;
    answer = async (_operation, _input, context) => {
      await new Promise((resolve) => context.request.socket.once("close", resolve));
      await new Promise(setImmediate);
      signal = context.disconnected();
      isDone = true;
      return {};
    };
    const head = `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: ${echo.length}\r\n\r\n${echo}`;
    const socket = await openSocket(services.endpoint, head);
    setTimeout(() => socket.destroy(), 20);
    await until(() => isDone);
    expect(signal?.aborted).toBe(true);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
