import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { SteppedClock } from "../../clock";
import { CloudWatch } from "../../cloudwatch/cloudwatch";
import { Callers } from "../../gateway/caller";
import type { Host } from "../../host";
import { Lambda } from "../../lambda/lambda";
import { LAMBDA } from "../../lambda/service";
import { Logs } from "../../logs/logs";
import { Sqs } from "../../sqs/sqs";
import { MemoryStorage } from "../../storage/storage";
import { STS } from "../../sts/service";
import { type Services, startServices } from "../start-services";
import { bundledRuntime, functionOf } from "./function-folder";

const START = Date.UTC(2031, 0, 1);

const CODE = `
export async function handler(event) {
  const { does, text, ms } = event ?? {};
  if (does === "log") console.log(text);
  if (does === "warn") { console.error(text); process.stdout.write("no newline"); }
  if (does === "throw") throw new TypeError("asked to throw");
  if (does === "exit") process.exit(7);
  if (does === "crash") await new Promise(() => setTimeout(() => { throw new Error("thrown later"); }));
  if (does === "hang") for (;;);
  if (does === "wait") await new Promise((resolve) => setTimeout(resolve, ms));
  if (does === "large") return "x".repeat(7_000_000);
  if (does === "time") return [Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date, Date().slice(0, 3)];
  if (does === "identify") {
    const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/20310101/us-east-1/sts/aws4_request";
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    return (await fetch(process.env.AWS_ENDPOINT_URL, { method: "POST", headers, body })).text();
  }
  return event;
}`;

let services: Services;
let client: LambdaClient;
let lambda: Lambda;
const clock = new SteppedClock(START);
const lines: string[] = [];
const notes: string[] = [];

beforeAll(async () => {
  const callers = new Callers();
  const storage = new MemoryStorage();
  const delivery = { shuffled: false, seed: 0 };
  const observer: Host["observer"] = { logged: (_name, line) => lines.push(line), noted: (note) => notes.push(note) };
  const create = (endpoint: string) => {
    const host: Host = { endpoint, region: "us-east-1", clock, storage, observer, delivery };
    const sqs = new Sqs(host);
    lambda = new Lambda(host, { sqs, logs: new Logs(host), cloudwatch: new CloudWatch(host), callers });
    return [
      { definition: LAMBDA, state: lambda },
      { definition: STS, state: undefined },
    ];
  };
  services = await startServices(create, { clock, storage, callers });
  client = new LambdaClient({ ...services.config, maxAttempts: 1 });
  const runtimeFile = bundledRuntime();
  await lambda.addFunction(functionOf("f", CODE, { runtimeFile, timeoutSeconds: 3, environment: { KEY: "value" } }));
});

afterAll(async () => {
  await lambda.stop(Date.now());
  client.destroy();
  await services.stop();
});

async function invoke(event?: object, more: Partial<InvokeCommandInput> = {}) {
  const input = { FunctionName: "f", ...(event && { Payload: JSON.stringify(event) }), ...more };
  const { Payload, ...output } = await client.send(new InvokeCommand(input));
  const text = Buffer.from(Payload ?? "").toString();
  return { ...output, result: text === "" ? undefined : JSON.parse(text) };
}

test("returns the handler's result", async () => {
  expect(await invoke({ a: [1, null, "é"] })).toMatchObject({
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    result: { a: [1, null, "é"] },
  });
  expect((await invoke()).result).toEqual({});
});

test.each([
  [
    "throw",
    {
      errorType: "TypeError",
      errorMessage: "asked to throw",
      trace: expect.arrayContaining(["TypeError: asked to throw"]),
    },
  ],
  [
    "exit",
    {
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 7$/),
    },
  ],
  [
    "hang",
    { errorType: "Sandbox.Timedout", errorMessage: expect.stringMatching(/Error: Task timed out after 3.00 seconds$/) },
  ],
  ["large", { errorType: "Function.ResponseSizeTooLarge", errorMessage: expect.stringContaining("6291456 bytes") }],
])("returns the error of a handler that does %s, and works again", async (does, error) => {
  const response = await invoke({ does });
  expect(response).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  expect(response.result).toEqual(error);
  expect((await invoke({ again: true })).result).toEqual({ again: true });
});

test("fails the invocation of an event that is nested too deeply, and works again", async () => {
  const Payload = "[".repeat(100_000) + "]".repeat(100_000);
  expect(await invoke(undefined, { Payload })).toMatchObject({ FunctionError: "Unhandled" });
  expect((await invoke({ again: true })).result).toEqual({ again: true });
});

test("returns the end of the invocation's log", async () => {
  const tailOf = async (event: object) => {
    const { LogResult = "" } = await invoke(event, { LogType: "Tail" });
    return Buffer.from(LogResult, "base64").toString();
  };
  expect(await tailOf({ does: "log", text: "one line" })).toBe("one line\n");
  expect((await tailOf({ does: "warn", text: "two" })).trim().split("\n").sort()).toEqual(["no newline", "two"]);
  expect(await tailOf({ does: "log", text: "x".repeat(5_000) })).toHaveLength(4_096);
  expect(await tailOf({ does: "crash" })).toContain("Error: thrown later");
  expect(lines).toEqual(expect.arrayContaining(["one line", "two", "no newline"]));
});

test("gives the function the host's time, which continues at the machine's speed", async () => {
  const start = clock.now();
  const { result } = await invoke({ does: "time" });
  const [now, constructed, given, isDate, called] = result;
  expect(now - start).toBeLessThan(1_000);
  expect(now).toBeGreaterThanOrEqual(start);
  expect(constructed - now).toBeLessThan(100);
  expect([given, isDate, called]).toEqual([5, true, expect.stringMatching(/^\w{3}$/)]);
  await clock.advance(86_400_000);
  expect((await invoke({ does: "time" })).result[0] - clock.now()).toBeLessThan(1_000);
  expect(clock.now() - start).toBe(86_400_000);
});

test("each function calls AWS as its own role", async () => {
  expect((await invoke({ does: "identify" })).result).toContain(
    "<Arn>arn:aws:sts::000000000000:assumed-role/f-role/f</Arn>",
  );
});

test("retries a failed Event invocation after 1 and 2 minutes of the clock", async () => {
  const count = () => lines.filter((line) => line === "asked").length;
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const runtimeFile = bundledRuntime();
  const code = `export async function handler() { console.log("asked"); throw new Error("no"); }`;
  await lambda.addFunction(functionOf("failing", code, { runtimeFile }));
  expect(await invoke({}, { FunctionName: "failing", InvocationType: "Event" })).toMatchObject({ StatusCode: 202 });
  for (const [attempts, pauseMs] of [
    [1, 60_000],
    [2, 120_000],
  ] as const) {
    await until(() => count() === attempts);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(pauseMs - 1);
    expect(count()).toBe(attempts);
    await clock.advance(1);
  }
  await until(() => notes.length === 1);
  expect([count(), notes]).toEqual([3, ["An asynchronous invocation of failing failed 3 times: Error: no"]]);
});

test("throttles the eleventh invocation at the same time", async () => {
  const invocation = () => lambda.invoke(lambda.find("f"), { does: "wait", ms: 10 }, () => undefined);
  const all = await Promise.allSettled(Array.from({ length: 11 }, invocation));
  const rejected = all.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(rejected).toEqual([expect.objectContaining({ code: "TooManyRequestsException" })]);
});

test("runs more than ten Event invocations one after another", async () => {
  const count = () => lines.filter((line) => line === "event").length;
  for (let index = 0; index < 25; index++) lambda.invokeLater(lambda.find("f"), { does: "log", text: "event" });
  while (count() < 25) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(lambda.pids.length).toBeLessThanOrEqual(12);
});

test.each([
  ["its ARN", "arn:aws:lambda:us-east-1:000000000000:function:f"],
  ["a partial ARN", "000000000000:function:f"],
  ["its name and version", "f:$LATEST"],
])("finds a function by %s", async (_what, FunctionName) => {
  expect(await invoke({}, { FunctionName, InvocationType: "DryRun" })).toMatchObject({ StatusCode: 204 });
});

test.each([
  ["a missing function", { FunctionName: "no-such-function" }, 404, "ResourceNotFoundException"],
  ["an invalid function name", { FunctionName: "%" }, 404, "ResourceNotFoundException"],
  ["a missing version", { Qualifier: "7" }, 404, "ResourceNotFoundException"],
  ["a payload that is not JSON", { Payload: "{" }, 400, "InvalidRequestContentException"],
  ["a payload that is not UTF-8", { Payload: Buffer.from([34, 255, 34]) }, 400, "InvalidRequestContentException"],
  [
    "the ARN of another account",
    { FunctionName: "arn:aws:lambda:us-east-1:111111111111:function:f" },
    404,
    "ResourceNotFoundException",
  ],
  ["a partial ARN of another account", { FunctionName: "111111111111:function:f" }, 404, "ResourceNotFoundException"],
  [
    "the ARN of another region",
    { FunctionName: "arn:aws:lambda:eu-west-1:000000000000:function:f" },
    404,
    "ResourceNotFoundException",
  ],
  ["an unknown invocation type", { InvocationType: "Later" as "Event" }, 400, "InvalidParameterValueException"],
  ["an unknown log type", { LogType: "All" as "Tail" }, 400, "InvalidParameterValueException"],
  ["a client context", { ClientContext: "e30=" }, 501, "UnknownOperationException"],
  ["a payload above 6 MiB", { Payload: `"${"x".repeat(6 * 1024 * 1024)}"` }, 413, "RequestTooLargeException"],
  [
    "an Event of more than 1 MiB",
    { InvocationType: "Event", Payload: `"${"x".repeat(1024 * 1024)}"` },
    413,
    "RequestTooLargeException",
  ],
] as const)("rejects %s", async (_what, input, status, name) => {
  await expect(invoke(undefined, input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
});

test("describes functions", async () => {
  const configuration = {
    FunctionName: "f",
    FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    Role: "arn:aws:iam::000000000000:role/f-role",
    Handler: "index.handler",
    Timeout: 3,
    MemorySize: 128,
    Version: "$LATEST",
    Environment: { Variables: { KEY: "value" } },
    State: "Active",
    LoggingConfig: { LogGroup: "/aws/lambda/f" },
  };
  const FunctionName = "f";
  expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject(configuration);
  expect(await client.send(new GetFunctionCommand({ FunctionName }))).toMatchObject({ Configuration: configuration });
  expect(await client.send(new ListVersionsByFunctionCommand({ FunctionName }))).toMatchObject({
    Versions: [configuration],
  });
  const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
  expect(Functions).toEqual(expect.arrayContaining([expect.objectContaining(configuration)]));
  const { Functions: first, NextMarker: Marker } = await client.send(new ListFunctionsCommand({ MaxItems: 1 }));
  const { Functions: second } = await client.send(new ListFunctionsCommand({ Marker }));
  expect([...(first ?? []), ...(second ?? [])]).toEqual(Functions);
});

/** Code that returns the texts of the other files in its folder, as they were when it was loaded. */
const LOADING = `
import { existsSync, readFileSync } from "node:fs";
const files = ["a", "future", "sub/b", "sub/new/c"].map((name) => new URL(name + ".txt", import.meta.url));
const texts = files.flatMap((file) => existsSync(file) ? file.pathname.split("/").pop() + "=" + readFileSync(file, "utf8") : []);
export async function handler({ until }) {
  if (until) console.log("waits for " + until);
  while (until && !existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 5));
  return texts.join(" ");
}`;

/** Adds a function with the files, and returns what a test needs to change them and to invoke it. */
async function changeable(name: string, files: Readonly<Record<string, string>>) {
  const options = functionOf(name, LOADING, { runtimeFile: bundledRuntime() });
  const at = (file: string) => join(options.folder, file);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  await lambda.addFunction(options);
  const run = async (event = {}) => (await invoke(event, { FunctionName: name })).result;
  return { folder: options.folder, at, write, run, fn: lambda.find(name) };
}

type Changeable = Awaited<ReturnType<typeof changeable>>;

test.each<[how: string, change: (f: Changeable) => void, expected: string]>([
  ["written in place", ({ write }) => write("a.txt", "2"), "a.txt=2 b.txt=1"],
  [
    "replaced",
    ({ write, at }) => {
      write("a.new", "2");
      renameSync(at("a.new"), at("a.txt"));
    },
    "a.txt=2 b.txt=1",
  ],
  ["written in a subfolder", ({ write }) => write("sub/b.txt", "2"), "a.txt=1 b.txt=2"],
  ["added to a new subfolder", ({ write }) => write("sub/new/c.txt", "1"), "a.txt=1 b.txt=1 c.txt=1"],
  ["deleted", ({ at }) => rmSync(at("sub/b.txt")), "a.txt=1"],
  [
    "replaced by an older file of the same size",
    ({ write, at }) => {
      write("a.new", "2");
      utimesSync(at("a.new"), 1, 1);
      renameSync(at("a.new"), at("a.txt"));
    },
    "a.txt=2 b.txt=1",
  ],
  [
    "changed while another file has a time in the future",
    ({ write }) => write("a.txt", "2"),
    "a.txt=2 future.txt=1 b.txt=1",
  ],
  [
    "replaced by a copy that keeps the size and the time",
    ({ write, at }) => {
      const { atime, mtime } = statSync(at("a.txt"));
      write("a.txt", "2");
      utimesSync(at("a.txt"), atime, mtime);
    },
    "a.txt=2 b.txt=1",
  ],
])("the next invocation runs the new code after a file was %s", async (how, change, expected) => {
  const hasFuture = expected.includes("future");
  const files = { "a.txt": "1", "sub/b.txt": "1", ...(hasFuture && { "future.txt": "1" }) };
  const f = await changeable(how.replaceAll(" ", "-"), files);
  // A link to the folder that contains it must not be followed forever.
  symlinkSync(f.folder, f.at("sub/loop"));
  if (hasFuture) utimesSync(f.at("future.txt"), 4e9, 4e9);
  const before = await f.run();
  const [pid] = f.fn.pids;
  expect([await f.run(), f.fn.pids]).toEqual([before, [pid]]);
  change(f);
  expect([await f.run(), await f.run(), f.fn.pids]).toEqual([expected, expected, [expect.any(Number)]]);
  expect(f.fn.pids).not.toContain(pid);
});

test("runs the former code while the folder is gone or half-written, and then the new code", async () => {
  const f = await changeable("rebuilt", { "a.txt": "1" });
  const runs = async (text: string) => expect([await f.run(), await f.run()]).toEqual([text, text]);
  await runs("a.txt=1");
  const [logged, moved] = [lines.length, `${f.folder}-moved`];
  renameSync(f.folder, moved);
  await runs("a.txt=1");
  mkdirSync(f.folder);
  await runs("a.txt=1");
  f.write("index.mjs", LOADING.slice(0, -1));
  await runs("a.txt=1");
  expect(lines.slice(logged)).toContainEqual(expect.stringMatching(/^The new code of rebuilt cannot be loaded/));
  f.write("index.mjs", LOADING);
  f.write("a.txt", "2");
  await runs("a.txt=2");
});

test("an invocation that runs during a change ends with the former code, and the next has the new code", async () => {
  const f = await changeable("busy", { "a.txt": "1" });
  const until = `${f.folder}-go`;
  const running = f.run({ until });
  while (!lines.includes(`waits for ${until}`)) await new Promise((resolve) => setTimeout(resolve, 5));
  f.write("a.txt", "2");
  expect([await f.run(), await f.run()]).toEqual(["a.txt=2", "a.txt=2"]);
  writeFileSync(until, "");
  expect(await running).toBe("a.txt=1");
  expect(await Promise.all([f.run(), f.run(), f.run()])).toEqual(["a.txt=2", "a.txt=2", "a.txt=2"]);
});

test("says which handler cannot be loaded", async () => {
  const runtimeFile = bundledRuntime();
  const adding = lambda.addFunction(functionOf("broken", "export const other = 1", { runtimeFile }));
  await expect(adding).rejects.toThrow(
    "The handler of broken cannot be loaded: Error: index.handler is undefined or not exported",
  );
});

test("says which runtime is missing, and how to get it", async () => {
  const adding = lambda.addFunction(functionOf("homeless", CODE));
  await expect(adding).rejects.toThrow(
    /^The handler of homeless cannot be loaded: there is no runtime ".*\/lambda-runtime.mjs": run npm run build, and pass dist\/local\/lambda-runtime.mjs as runtimeFile\.$/,
  );
});
