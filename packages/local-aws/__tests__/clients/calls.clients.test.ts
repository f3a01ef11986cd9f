import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { CALLS, type Call, UNSUPPORTED } from "./calls";
import { differences } from "./differences";
import { EMULATOR_DIFFERENCES, type EmulatorDifference } from "./emulator-differences";
import { EMULATORS, type RunningEmulator, startEmulator } from "./emulators";
import { type Answer, PythonClient, type PythonEnvironment, pythonOf } from "./python-client";

const MB20 = Buffer.alloc(20_000_000, "20 MB of text. ");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "clients-"));
  writeFileSync(join(folder, "20MB"), MB20);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const labelOf = ({ call, title }: Call) => (title ? `${call} ${title}` : call);
const labelled = (calls: readonly Call[]) => calls.map((call) => [labelOf(call), call] as const);

/** Makes calls with one client, and keeps what they save. */
class Caller {
  private readonly saved: Record<string, string>;

  constructor(private readonly client: PythonClient) {
    const hour = 3_600_000;
    this.saved = {
      folder,
      hourAgo: new Date(Date.now() - hour).toISOString(),
      hourAhead: new Date(Date.now() + hour).toISOString(),
    };
  }

  async make({ call, input = {}, saves = {} }: Call): Promise<Answer> {
    const [service = "", operation = ""] = call.split(".");
    const answer = await this.client.send(service, operation, this.filled(input));
    for (const [name, path] of Object.entries(saves)) {
      const value = path
        .split(".")
        .reduce<unknown>((part, key) => part?.[key as never], "output" in answer && answer.output);
      this.saved[name] = String(value);
    }
    return answer;
  }

  /** Returns the value with what was saved for each `$name`. */
  filled<Value>(value: Value): Value {
    if (typeof value === "string")
      return value.replace(/\$(\w+)/g, (_, name: string) => this.saved[name] ?? "") as Value;
    if (Array.isArray(value)) return value.map((element) => this.filled(element)) as Value;
    // A matcher of jest stays as it is.
    if (typeof value !== "object" || value === null || "asymmetricMatch" in value) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.filled(member)])) as Value;
  }
}

test("the table has at least 60 calls, each once", () => {
  const labels = CALLS.map(labelOf);
  expect(labels.length).toBeGreaterThan(60);
  expect(new Set(labels).size).toBe(labels.length);
});

test("each call fails after one that had no answer", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new PythonClient(await pythonOf("today"), "boto3", `http://127.0.0.1:${port}`, 2_000);
  for (const operation of ["GetCallerIdentity", "GetSessionToken"]) {
    const answer = client.send("sts", operation, {});
    await expect(answer).rejects.toThrow(/sts\.GetCallerIdentity to http:\S+ had no answer after 2 s/);
  }
  await client.stop();
  server.close();
});

const CLIENTS: readonly (readonly [string, PythonEnvironment, "boto3" | "cli"])[] = [
  ["boto3 of 2022", "2022", "boto3"],
  ["boto3 of today", "today", "boto3"],
  ["the AWS CLI", "today", "cli"],
];

describe.each(CLIENTS)("%s", (_, environment, client) => {
  let aws: LocalAws;
  let python: PythonClient;
  let caller: Caller;

  beforeAll(async () => {
    aws = await startLocalAws();
    python = new PythonClient(await pythonOf(environment), client, aws.endpoint);
    caller = new Caller(python);
  });

  afterAll(async () => {
    await python?.stop();
    await aws.stop();
  });

  const calls = CALLS.filter(({ newSince2022 }) => environment !== "2022" || !newSince2022);

  test.each(labelled(calls))("%s", async (_label, call) => {
    const answer = await caller.make(call);
    expect(answer).toMatchObject(call.error ? { error: call.error } : { output: caller.filled(call.output ?? {}) });
  });

  test("the downloaded file is the uploaded one", () => {
    expect(readFileSync(join(folder, "copy")).equals(MB20)).toBe(true);
  });
});

test("an emulator is right only about what the local services do not support", () => {
  const right = EMULATOR_DIFFERENCES.filter((difference) => difference.right === "emulator");
  const calls = CALLS.filter((call) => right.some((difference) => difference.calls.test(labelOf(call))));
  expect(UNSUPPORTED).toEqual(expect.arrayContaining(calls));
});

describe.each(EMULATORS)("%s", (emulator) => {
  let aws: LocalAws;
  let running: RunningEmulator;
  const clients: PythonClient[] = [];
  let local: Caller;
  let other: Caller;
  const known = EMULATOR_DIFFERENCES.filter((difference) => [emulator, "both"].includes(difference.emulator));
  const seen = new Set<EmulatorDifference>();

  beforeAll(async () => {
    running = await startEmulator(emulator, folder);
    aws = await startLocalAws();
    const python = await pythonOf("today");
    clients.push(...[aws, running].map(({ endpoint }) => new PythonClient(python, "boto3", endpoint)));
    [local, other] = clients.map((client) => new Caller(client)) as [Caller, Caller];
  });

  afterAll(async () => {
    await Promise.all([...clients, running, aws].map((server) => server?.stop()));
  });

  test.each(labelled(CALLS))("%s", async (label, call) => {
    const found = differences(await local.make(call), await other.make(call));
    for (const path of Object.keys(found)) {
      const explaining = known.filter(({ calls, paths }) => calls.test(label) && paths.test(path));
      if (explaining.length > 0) delete found[path];
      for (const difference of explaining) seen.add(difference);
    }
    expect(found).toEqual({});
  });

  test("each difference in the table exists", () => {
    expect(known.filter((difference) => !seen.has(difference))).toEqual([]);
  });
});
