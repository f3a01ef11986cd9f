import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "@event-pipeline/testing/child";
import { type LocalAws, startLocalAws } from "../../local-aws";
import { CALLS, type Call } from "./calls";
import { differences } from "./differences";
import { MOTO_DIFFERENCES, type MotoDifference } from "./moto-differences";
import { type Answer, PythonClient, pythonOf, type Year } from "./python-client";

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

const CLIENTS: readonly (readonly [string, Year, "boto3" | "cli"])[] = [
  ["boto3 of 2022", "2022", "boto3"],
  ["boto3 of today", "today", "boto3"],
  ["the AWS CLI", "today", "cli"],
];

describe.each(CLIENTS)("%s", (_, year, client) => {
  let aws: LocalAws;
  let python: PythonClient;
  let caller: Caller;

  beforeAll(async () => {
    aws = await startLocalAws();
    python = new PythonClient(await pythonOf(year), client, aws.endpoint);
    caller = new Caller(python);
  });

  afterAll(async () => {
    await python?.stop();
    await aws.stop();
  });

  const calls = CALLS.filter(({ newSince2022 }) => year !== "2022" || !newSince2022);

  test.each(labelled(calls))("%s", async (_label, call) => {
    const answer = await caller.make(call);
    expect(answer).toMatchObject(call.error ? { error: call.error } : { output: caller.filled(call.output ?? {}) });
  });

  test("the downloaded file is the uploaded one", () => {
    expect(readFileSync(join(folder, "copy")).equals(MB20)).toBe(true);
  });
});

describe("moto", () => {
  let aws: LocalAws;
  let moto: Child;
  const clients: PythonClient[] = [];
  let local: Caller;
  let other: Caller;
  const seen = new Set<MotoDifference>();

  beforeAll(async () => {
    const python = await pythonOf("today");
    // The account of the local run.
    const env = { ...process.env, MOTO_ACCOUNT_ID: "000000000000" };
    moto = new Child(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], { cwd: folder, env });
    const [, endpoint = ""] = await moto.says(/Running on (http:\/\/127\.0\.0\.1:\d+)/, 60_000);
    aws = await startLocalAws();
    clients.push(...[aws.endpoint, endpoint].map((url) => new PythonClient(python, "boto3", url)));
    [local, other] = clients.map((client) => new Caller(client)) as [Caller, Caller];
  });

  afterAll(async () => {
    await Promise.all([...clients, moto, aws].map((running) => running?.stop()));
  });

  test.each(labelled(CALLS))("%s", async (label, call) => {
    const found = differences(await local.make(call), await other.make(call));
    for (const path of Object.keys(found)) {
      const explaining = MOTO_DIFFERENCES.filter(({ calls, paths }) => calls.test(label) && paths.test(path));
      if (explaining.length > 0) delete found[path];
      for (const difference of explaining) seen.add(difference);
    }
    expect(found).toEqual({});
  });

  test("each difference in the table exists", () => {
    expect(MOTO_DIFFERENCES.filter((difference) => !seen.has(difference))).toEqual([]);
  });
});
