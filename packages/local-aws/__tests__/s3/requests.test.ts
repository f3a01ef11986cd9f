// Tests requests as clients other than the SDK send them.
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningS3, startS3 } from "./start-s3";

const Bucket = "raw-requests";
const MIB = 1_024 ** 2;

let running: RunningS3;
let s3: RunningS3["s3"];
beforeAll(async () => {
  running = await startS3();
  s3 = running.s3;
  running.state.createBucket(Bucket);
  await s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "kept" }));
});
afterAll(() => running.stop());

async function textOf(Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

const md5 = (text: string | Buffer) => createHash("md5").update(text).digest("base64");

test.each([
  ["raw-requests.localhost", "/in/host"],
  ["raw-requests.s3.localhost", "/in/host"],
  ["raw-requests.s3.us-east-1.localhost", "/in/host"],
  ["s3.localhost", "/raw-requests/in/host"],
])("finds the bucket in the host name %s", async (name, path) => {
  const host = `${name}:${new URL(running.endpoint).port}`;
  for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
    const body = `${host} ${type}`;
    const { status } = await running.raw({ method: "PUT", path, headers: { host, "content-type": type }, body });
    expect([status, await textOf("in/host")]).toEqual([200, body]);
  }
});

test.each([
  "AWSAccessKeyId=local&Signature=x&Expires=9999999999",
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=local%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=x&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=x&x-id=GetObject&x-amz-checksum-mode=ENABLED",
])("accepts a presigned URL with %s", async (signature) => {
  const response = await fetch(`${running.endpoint}/${Bucket}/kept?${signature}`);
  expect(await response.text()).toBe("kept");
});

test("accepts a whole URL, as clients send it to a proxy", async () => {
  const get = async (path: string) =>
    String((await running.raw({ method: "GET", path: running.endpoint + path })).body);
  expect(await get(`/${Bucket}/kept`)).toBe("kept");
  for (const path of ["", "/", "?x-id=ListBuckets"]) expect(await get(path)).toContain(`<Name>${Bucket}</Name>`);
});

test("reads the headers in a presigned URL", async () => {
  const path = `/${Bucket}/presigned?X-Amz-Signature=x&x-amz-meta-color=red&content-type=text%2Fplain&x-amz-server-side-encryption=AES256`;
  expect((await running.raw({ method: "PUT", path, body: "x" })).status).toBe(200);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "presigned" }));
  expect(head).toMatchObject({ Metadata: { color: "red" }, ContentType: "text/plain" });
  const refused = await running.raw({ method: "PUT", path: `${path}&x-amz-acl=public-read`, body: "y" });
  expect(refused.status).toBe(501);
  const wrong = await running.raw({ method: "PUT", path: `${path}&x-amz-checksum-crc32=AAAAAA%3D%3D`, body: "y" });
  expect(wrong.status).toBe(400);
  const unprintable = await running.raw({ method: "PUT", path: `${path}&x-amz-meta-a=%0d%0ab`, body: "y" });
  expect(unprintable.status).toBe(400);
  expect(await textOf("presigned")).toBe("x");
});

test("passes over x-amz-te, which the SDK for Java sends", async () => {
  const headers = { "x-amz-te": "append-md5" };
  const { status, body } = await running.raw({ method: "GET", path: `/${Bucket}/kept`, headers });
  expect([status, String(body)]).toEqual([200, "kept"]);
});

test.each([
  ["a query parameter", { method: "PUT", path: `/${Bucket}/kept?uploadId=x` }, 501],
  ["an unknown header", { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-new": "x" } }, 501],
  ["an unknown checksum", { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-checksum-new": "x" } }, 501],
  ["an invalid escape sequence", { method: "GET", path: `/${Bucket}/%ff` }, 400],
  [
    "two checksums",
    { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-checksum-crc32": "x", "x-amz-checksum-sha1": "x" } },
    400,
  ],
  [
    "the name of a checksum without the checksum",
    { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-sdk-checksum-algorithm": "SHA1" } },
    400,
  ],
  [
    "a body of unknown size",
    { method: "PUT", path: `/${Bucket}/kept`, headers: { "transfer-encoding": "chunked" }, body: "x" },
    411,
  ],
  [
    "more than 5 GiB",
    { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-decoded-content-length": "5368709121" }, body: "x" },
    400,
  ],
  ["an invalid SHA-256", { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-content-sha256": "x" } }, 400],
  [
    "a wrong SHA-256",
    { method: "PUT", path: `/${Bucket}/kept`, headers: { "x-amz-content-sha256": "0".repeat(64) }, body: "x" },
    400,
  ],
  [
    "a wrong SHA-256 of XML",
    {
      method: "PUT",
      path: `/${Bucket}?versioning`,
      headers: { "x-amz-content-sha256": "0".repeat(64) },
      body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    },
    400,
  ],
  ["XML that ends early", { method: "PUT", path: `/${Bucket}?versioning`, body: "<VersioningConfiguration>" }, 400],
  [
    "a deletion without a digest",
    { method: "POST", path: `/${Bucket}?delete`, body: "<Delete><Object><Key>kept</Key></Object></Delete>" },
    400,
  ],
] as const)("refuses %s", async (_what, request, status) => {
  expect((await running.raw(request)).status).toBe(status);
  expect(await textOf("kept")).toBe("kept");
});

test.each([
  ["a namespace", '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>KEY</Key></Object></Delete>'],
  ["a prefix", '<s:Delete xmlns:s="urn:x"><s:Object><s:Key>KEY</s:Key></s:Object></s:Delete>'],
  ["comments", "<!-- a --><Delete><!-- b --><Object><Key>KEY</Key><!-- c --></Object></Delete>"],
  ["a declaration and spaces", '<?xml version="1.0"?>\n<Delete>\n <Object>\n  <Key>KEY</Key>\n </Object>\n</Delete>\n'],
  ["CDATA", "<Delete><Object><Key><![CDATA[KEY]]></Key></Object></Delete>"],
])("reads XML with %s", async (_what, xml) => {
  for (const [key, inXml] of [
    ["plain", "plain"],
    ['"quoted"', "&#34;quoted&#x22;"],
    ["\u0001", "&#x1;"],
  ] as const) {
    if (xml.includes("CDATA") && inXml.includes("&")) continue;
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "x" }));
    const body = xml.replace("KEY", inXml);
    const headers = { "content-md5": md5(body) };
    const { status } = await running.raw({ method: "POST", path: `/${Bucket}?delete`, headers, body });
    expect(status).toBe(200);
    await expect(textOf(key)).rejects.toMatchObject({ name: "NoSuchKey" });
  }
});

describe("aws-chunked", () => {
  const HELLO = "b\r\nhello world\r\n0\r\n";
  const STREAMING = { "content-encoding": "gzip,aws-chunked", "x-amz-decoded-content-length": "11" };
  const put = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    running.raw({ method: "PUT", path: `/${Bucket}/chunked`, headers: { ...STREAMING, ...headers }, body });

  test.each([
    ["unsigned", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", {}],
    ["signed", "5;chunk-signature=a\r\nhello\r\n6;chunk-signature=b\r\n world\r\n0;chunk-signature=c\r\n\r\n", {}],
    [
      "with a checksum after it",
      "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n",
      { "x-amz-trailer": "x-amz-checksum-crc32" },
    ],
  ])("decodes a body that is %s", async (_what, body, headers) => {
    for (const more of [{}, { "transfer-encoding": "chunked" }]) {
      expect((await put(body, { ...headers, ...more })).status).toBe(200);
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: "chunked" }));
      expect([await got.Body?.transformToString(), got.ContentEncoding]).toEqual(["hello world", "gzip"]);
    }
  });

  test.each([
    ["without its end", "b\r\nhello world\r\n", {}, "IncompleteBody"],
    ["with too few bytes", "5\r\nhello\r\n0\r\n\r\n", {}, "IncompleteBody"],
    ["with too many bytes", "c\r\nhello world!\r\n0\r\n\r\n", {}, "IncompleteBody"],
    ["with an invalid size", "x\r\nhello world\r\n0\r\n\r\n", {}, "IncompleteBody"],
    ["with an endless line", "5".repeat(20_000), {}, "IncompleteBody"],
    [
      "with a wrong checksum",
      "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
      { "x-amz-trailer": "x-amz-checksum-crc32" },
      "BadDigest",
    ],
    [
      "with a checksum that is not announced",
      `${HELLO}x-amz-checksum-crc32:DUoRhQ==\r\n\r\n`,
      {},
      "MalformedTrailerError",
    ],
    [
      "without the announced checksum",
      "b\r\nhello world\r\n0\r\n\r\n",
      { "x-amz-trailer": "x-amz-checksum-crc32" },
      "MalformedTrailerError",
    ],
  ])("refuses a body %s", async (_what, body, headers, code) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "chunked", Body: "before" }));
    const response = await put(body, headers);
    expect([response.status, String(response.body)]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(await textOf("chunked")).toBe("before");
  });
});

test("stores large objects, and answers errors after the body", async () => {
  const body = Buffer.alloc(24 * MIB, "x");
  expect((await running.raw({ method: "PUT", path: `/${Bucket}/large`, body })).status).toBe(200);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  for (const path of ["/no-such-bucket/large", `/${Bucket}/large?uploadId=x&partNumber=1`, `/${Bucket}/large?x=y`]) {
    const { status } = await running.raw({ method: "PUT", path, body });
    expect([404, 501]).toContain(status);
  }
});

test("keeps nothing of an upload that its client breaks off", async () => {
  const socket = connect(Number(new URL(running.endpoint).port), "127.0.0.1");
  socket.write(`PUT /${Bucket}/broken HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`);
  await new Promise((resolve) => socket.write(Buffer.alloc(500_000), resolve));
  socket.destroy();
  await expect(textOf("broken")).rejects.toMatchObject({ name: "NoSuchKey" });
});

test("describes errors in XML", async () => {
  const { body } = await running.raw({ method: "GET", path: `/${Bucket}/a%3Cb` });
  expect(String(body)).toMatch(
    /<Error><Code>NoSuchKey<\/Code><Message>[^<]+<\/Message><Key>a&lt;b<\/Key><RequestId>[^<]+<\/RequestId><\/Error>$/,
  );
});
