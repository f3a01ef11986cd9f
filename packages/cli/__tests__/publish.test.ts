import { FaultyProxy, type ProxyFault, xmlError } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { CliProcess, records, runCli, runCliOn, runCliProcess } from "@event-pipeline/testing/run-cli";

const MESSAGE_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
});
afterAll(() => run.stop());

const ndjson = (count: number, type: string) =>
  Array.from({ length: count }, (_, index) => `${JSON.stringify({ type, id: `${index}#\u2028é` })}\n`).join("");

describe("a single event", () => {
  test("is published with its members, and the MessageId is printed", async () => {
    const data = '{"severity": "high", "counter": 12345678901234567890}';
    const { code, stdout } = await runCliOn(run, ["publish", "finding.new", "--id", "a#1", "--data", data]);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).toMatch(MESSAGE_ID);
    const stored = await run.waitForHop(stdout.trimEnd(), "stored");
    expect(stored.eventId).toBe("a#1");
  });

  test("can be a sample, and can have message attributes", async () => {
    const ran = await runCliOn(run, ["publish", "--sample", "not-json", "--attribute", "team=red=1", "--json"]);
    const [{ message_id }] = records(ran);
    await run.waitForHop(message_id, "dead-lettered");
  });

  test.each([
    [["--sample", "finding"], '"finding": expected one of finding.new'],
    [["x", "--sample", "finding.new"], "Leave out the type"],
    [["x", "--data", "[1]"], "Invalid --data"],
    [["x", "--data", "{"], "Invalid --data"],
    [["x", "--data", '{"type":"y"}'], 'type is given twice: as "x"'],
    [[""], 'The event\'s type is ""; it must be a non-empty string'],
    [["x".repeat(3_000)], "the partition key, which holds 2048"],
    [["x", "--time", "yesterday"], 'The event\'s time is "yesterday"'],
    [["x", "--time", "17"], "The event's time is 17"],
    [["x", "--data", '{"time":"yesterday"}'], 'The event\'s time is "yesterday"'],
    [["x", "--data", '{"time":17}'], "The event's time is 17"],
    [["x", "--data", '{"timestamp":17}'], "The event's timestamp is 17"],
    [["x", "--count", "0"], "--count"],
    [["x", "--rate", "-1"], "--rate"],
    [["x", "--attribute", "novalue"], "--attribute"],
    [
      [
        "x",
        "--data",
        `{"p":"${"x".repeat(100_000)}"}`,
        "--attribute",
        `k=${"v".repeat(100_000)}`,
        "--id",
        "i".repeat(100_000),
      ],
      "256 KiB",
    ],
    ...["", "a b", "ü", "tab\t", "line\n", "g".repeat(129)].map((group): [string[], string] => [
      ["x", "--group", group],
      "--group",
    ]),
    [["-", "--group", "a b"], "--group"],
    [["x", "--name", "Not_A_Name"], 'Invalid name "Not_A_Name"'],
    [["x", "--local", "--endpoint-url", "nowhere"], 'Invalid endpoint "nowhere"'],
    [["x", "--region", "us east"], 'Invalid region "us east"'],
    [["-", "--count", "2"], "With -"],
    [[], "No event type."],
    [["--count", "2"], "No event type."],
  ])("%j is a usage error", async (args, message) => {
    const { code, stdout, stderr } = await runCliOn(run, ["publish", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    // The error and the command for help, without the help itself.
    const lines = stderr.trimEnd().split("\n");
    expect([lines.length, lines.at(-1)]).toEqual([
      message === "--group" ? expect.any(Number) : 2,
      "For help: npx event-pipeline publish --help",
    ]);
  });

  test("requires a name or an endpoint", async () => {
    const { code, stderr } = await runCli(["publish", "x"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--name")]);
  });
});

test.each(["1764288000", "1.764288e9", "1764288000123456789"])(
  "--time %s is read as a number, as in --data",
  async (time) => {
    const { stdout } = await runCliOn(run, ["publish", "timed", "--time", time]);
    const { detail } = await run.waitForHop(stdout.trimEnd(), "stored");
    expect(detail.timestamp_id).toMatch(/^2025-11-28T00:00:00\.(000|123)Z#/);
  },
);

test("--no-validate publishes an unreadable time, in --time as in --data", async () => {
  const args = ["publish", "untimed", "--no-validate", "--json"];
  for (const time of ["17", "yesterday", "0123"]) {
    expect((await runCliOn(run, [...args, "--time", time])).code).toBe(0);
  }
});

test("--count publishes an event several times, at the rate of --rate", async () => {
  const ran = await runCliOn(run, ["publish", "counted", "--count", "15", "--rate", "20", "--json"]);
  expect(new Set(records(ran).map(({ message_id }) => message_id)).size).toBe(15);
});

/** Returns the response from SNS for an accepted batch with these MessageIds. */
function accepted(ids: readonly string[]) {
  const members = ids.map((id, index) => `<member><Id>${index}</Id><MessageId>${id}</MessageId></member>`).join("");
  return {
    status: 200,
    body: `<PublishBatchResponse><PublishBatchResult><Successful>${members}</Successful><Failed/></PublishBatchResult></PublishBatchResponse>`,
  };
}

describe("ndjson", () => {
  test("publishes 10,000 lines, each once", async () => {
    const received: string[] = [];
    const proxy = await FaultyProxy.open(({ action, body }) => {
      if (action !== "PublishBatch") return undefined;
      const messages = [...new URLSearchParams(body)].filter(([name]) => name.endsWith(".Message"));
      const ids = messages.map(([, message]) => String(JSON.parse(message).id));
      received.push(...ids);
      return accepted(ids);
    }, run.ready.endpoint);
    const environment = { AWS_ENDPOINT_URL: proxy.endpoint };
    const ran = await runCliProcess(["publish", "-", "--json"], { environment, stdin: ndjson(10_000, "bulk") });
    await proxy.close();
    expect(ran.code).toBe(0);
    const ids = Array.from({ length: 10_000 }, (_, index) => `${index}#\u2028é`);
    expect(records(ran)).toEqual(ids.map((id, index) => ({ line: index + 1, message_id: id })));
    expect(received.sort()).toEqual(ids.sort());
  }, 120_000);

  test("reports lines that are not events, and publishes the others", async () => {
    const lines = ['{"type":"a"}', "no", "", "[1]", `"${"x".repeat(300_000)}"`, '{"type":""}', '\ufeff{"type":"b"}\r'];
    const ran = await runCliOn(run, ["publish", "-", "--json"], lines.join("\n"));
    expect(ran.code).toBe(3);
    expect(records(ran).map(({ line, message_id }) => [line, message_id !== undefined])).toEqual([
      [1, true],
      [2, false],
      [4, false],
      [5, false],
      [6, false],
      [7, true],
    ]);
    const text = await runCliOn(run, ["publish", "-"], lines.join("\n"));
    expect(text.stdout.trimEnd().split("\n")).toHaveLength(2);
    for (const reason of ["Line 2 ", "Line 4 ", "300002 bytes", "Line 6 "]) {
      expect(text.stderr).toContain(reason);
    }
    expect((await runCliOn(run, ["publish", "-", "--no-validate"], "no\n[1]\n")).code).toBe(0);
    expect((await runCliOn(run, ["publish", "", "--no-validate"])).code).toBe(0);
  });

  test("publishes a line before the next one arrives", async () => {
    const command = new CliProcess(["publish", "-"], { AWS_ENDPOINT_URL: run.ready.endpoint });
    command.child.stdin.write('{"type":"first"}\n');
    await command.until(() => command.stdout.includes("\n"));
    command.child.stdin.end('{"type":"second"}');
    expect((await command.done).stdout.trimEnd().split("\n")).toHaveLength(2);
  });

  test("reports the last published line after Ctrl-C", async () => {
    const command = new CliProcess(["publish", "-", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
    command.child.stdin.write(ndjson(50, "interrupted"));
    await command.until(() => command.stdout.split("\n").length > 50);
    command.child.kill("SIGINT");
    const { code, stderr } = await command.done;
    expect(code).toBe(130);
    expect(stderr).toContain("line 50");
  });

  test("prints only MessageIds of published events, even if it is killed", async () => {
    const command = new CliProcess(["publish", "-", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
    command.child.stdin.write(ndjson(2_000, "killed"));
    await command.until(() => command.stdout.split("\n").length > 200);
    command.child.kill("SIGKILL");
    const { stdout } = await command.done;
    const complete = stdout.slice(0, stdout.lastIndexOf("\n"));
    for (const { message_id } of records({ code: 0, stdout: complete, stderr: "" }))
      await run.waitForHop(message_id, "queued");
  });

  test("publishes every line before the input fails, and reports the last one", async () => {
    async function* failing() {
      yield Buffer.from(ndjson(25, "before"));
      yield Buffer.from('{"type":"cut');
      throw new Error("EIO: i/o error, read");
    }
    const ran = await runCliOn(run, ["publish", "-"], failing());
    expect([ran.code, ran.stdout.trimEnd().split("\n").length]).toEqual([3, 25]);
    expect(ran.stderr).toMatch(/standard input.*line 25.*EIO/);
  });

  test("refuses a folder as input", async () => {
    const shell = CliProcess.shell(`${process.execPath} dist/cli/main.mjs publish - <.`, {
      AWS_ENDPOINT_URL: run.ready.endpoint,
    });
    const { code, stderr } = await shell.done;
    expect([code, stderr]).toEqual([2, expect.stringContaining("folder")]);
  });

  test("publishes every line of two concurrent commands", async () => {
    const both = await Promise.all(["left", "right"].map((side) => runCliOn(run, ["publish", "-"], ndjson(500, side))));
    expect(new Set(both.flatMap(({ stdout }) => stdout.trimEnd().split("\n"))).size).toBe(1_000);
  });
});

describe("when AWS returns errors", () => {
  afterEach(() => jest.restoreAllMocks());

  const failed = (id: string, code: string, isSenderFault: boolean) =>
    `<member><Id>${id}</Id><Code>${code}</Code><Message>why</Message><SenderFault>${isSenderFault}</SenderFault></member>`;
  const partial = (ids: readonly string[], code: string, isSenderFault: boolean) => ({
    status: 200,
    body: `<PublishBatchResponse><PublishBatchResult><Successful/><Failed>${ids.map((id) => failed(id, code, isSenderFault)).join("")}</Failed></PublishBatchResult></PublishBatchResponse>`,
  });

  async function through(fault: ProxyFault, args: string[], stdin = "") {
    const proxy = await FaultyProxy.open(fault, run.ready.endpoint);
    const ran = await runCli(args, { environment: { AWS_ENDPOINT_URL: proxy.endpoint }, stdin });
    await proxy.close();
    return { ...ran, requests: proxy.requests.filter(({ action }) => action === "PublishBatch") };
  }

  test("--group applies to every event, including retries", async () => {
    const group = `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~aZ9`;
    let faults = 1;
    const ran = await through(
      ({ action }) =>
        action === "PublishBatch" && faults-- > 0 ? partial(["0", "1"], "InternalError", false) : undefined,
      ["publish", "-", "--group", group],
      ndjson(12, "grouped"),
    );
    expect(ran.code).toBe(0);
    for (const { body } of ran.requests) {
      const members = [...new URLSearchParams(body)];
      const messages = members.filter(([name]) => name.endsWith(".Message"));
      const groups = members.filter(([name]) => name.endsWith(".MessageGroupId"));
      expect(groups.map(([, value]) => value)).toEqual(messages.map(() => group));
    }
  });

  test("retries events after an internal error from SNS", async () => {
    let faults = 2;
    const ran = await through(
      ({ action }) =>
        action === "PublishBatch" && faults-- > 0 ? partial(["0", "1"], "InternalError", false) : undefined,
      ["publish", "-", "--json"],
      ndjson(2, "again"),
    );
    expect([ran.code, records(ran).length, ran.requests.length]).toEqual([0, 2, 3]);
  });

  test("reports the line and the reason of an event that SNS rejects", async () => {
    const ran = await through(
      ({ action, body }) =>
        action === "PublishBatch" && body.includes("poison") ? partial(["0"], "InvalidParameter", true) : undefined,
      ["publish", "-", "--no-validate", "--rate", "10"],
      '{"type":"good"}\n{"type":"poison"}\n{"type":"good"}\n',
    );
    expect([ran.code, ran.stdout.trimEnd().split("\n").length]).toEqual([3, 2]);
    expect(ran.stderr).toContain("InvalidParameter");
  });

  test("publishes the other events of a batch that SNS rejects because of one event", async () => {
    const ran = await through(
      ({ action, body }) =>
        action === "PublishBatch" && body.includes("poison") ? xmlError(400, "InvalidParameter", "no") : undefined,
      ["publish", "-", "--json"],
      `${ndjson(4, "fine")}{"type":"poison"}\n${ndjson(4, "fine")}`,
    );
    expect(ran.code).toBe(3);
    expect(records(ran).filter(({ message_id }) => !message_id)).toEqual([
      { line: 5, error_code: "InvalidParameterException", reason: "no" },
    ]);
  });

  test("reports permanent throttling for each line", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0); // Makes every backoff 0 ms.
    const ran = await through(
      ({ action }) => (action === "PublishBatch" ? xmlError(400, "Throttling", "Rate exceeded") : undefined),
      ["publish", "-", "--json"],
      ndjson(1, "throttled"),
    );
    expect(ran.code).toBe(3);
    expect(records(ran)).toEqual([
      { line: 1, error_code: "Throttling", reason: expect.stringContaining("SNS PublishBatch") },
    ]);
  });

  test.each([
    ["ExpiredToken", 4, "expired"],
    ["InvalidClientTokenId", 4, "InvalidClientTokenId"],
    ["AuthorizationError", 4, "SNS PublishBatch for arn:aws:sns:us-east-1:000000000000:local-events"],
    ["NotFound", 1, "--name"],
  ])("%s exits with %i", async (name, code, message) => {
    const ran = await through(
      ({ action }) => (action === "PublishBatch" ? xmlError(403, name) : undefined),
      ["publish", "-"],
      ndjson(1_000, "x"),
    );
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr.trimEnd().split("\n").length).toBeLessThan(3);
  });

  test("exits with 4 without credentials", async () => {
    const { code, stderr } = await runCliProcess(["publish", "x", "--name", "alice", "--region", "us-east-1"]);
    expect([code, stderr]).toEqual([4, expect.stringContaining("--profile")]);
  });

  test("exits with 4 if the credentials expire during the command, and names the lines that were not published", async () => {
    let batches = 0;
    const ran = await through(
      ({ action }) => (action === "PublishBatch" && ++batches > 20 ? xmlError(403, "ExpiredToken") : undefined),
      ["publish", "-"],
      ndjson(1_000, "half"),
    );
    expect([ran.code, ran.stdout.trimEnd().split("\n").length]).toEqual([4, 200]);
    expect(ran.stderr).toContain("expired");
    expect(ran.stderr).toContain("201-");
  });

  test("does not take a page in HTML for a response from SNS", async () => {
    const ran = await through(
      ({ action }) => (action === "PublishBatch" ? { status: 200, body: "<html>Sign in</html>" } : undefined),
      ["publish", "-"],
      ndjson(3, "captive"),
    );
    expect([ran.code, ran.stdout]).toEqual([3, ""]);
    expect(ran.stderr).toContain("may not be published");
  });

  test("exits with 1 if the connection is refused", async () => {
    const { code, stderr } = await runCliProcess(["publish", "x", "--local", "--endpoint-url", "http://127.0.0.1:1"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("http://127.0.0.1:1")]);
  });
});
