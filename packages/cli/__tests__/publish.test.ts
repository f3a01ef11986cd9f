import { type DoorFault, FaultyDoor, xmlError } from "@event-pipeline/testing/faulty-door";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { Operator, operator, operatorOf, records } from "@event-pipeline/testing/operator";

const MESSAGE_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
});
afterAll(() => run.stop());

const ndjson = (count: number, type: string) =>
  Array.from({ length: count }, (_, index) => `${JSON.stringify({ type, id: `${index}#\u2028é` })}\n`).join("");

describe("one event", () => {
  test("is published as its options say, and its MessageId is the data", async () => {
    const data = '{"severity": "high", "counter": 12345678901234567890}';
    const { code, stdout, stderr } = await operatorOf(run, ["publish", "finding.new", "--id", "a#1", "--data", data]);
    expect([code, stderr]).toEqual([0, "Follow one: event-pipeline events show MESSAGE_ID\n"]);
    expect(stdout.trimEnd()).toMatch(MESSAGE_ID);
    const stored = await run.waitForHop(stdout.trimEnd(), "stored");
    expect(stored.eventId).toBe("a#1");
  });

  test("of a sample and with an attribute reaches the topic", async () => {
    const ran = await operatorOf(run, ["publish", "--sample", "not-json", "--attribute", "team=red=1", "--json"]);
    const [{ message_id }] = records(ran);
    await run.waitForHop(message_id, "dead-lettered");
  });

  test.each([
    [["--sample", "finding"], 'There is no sample "finding". There are finding.new,'],
    [["x", "--sample", "finding.new"], "leave out the type"],
    [["x", "--data", "[1]"], "--data is JSON, but no object"],
    [["x", "--data", "{"], "--data is not JSON"],
    [["x", "--data", '{"type":"y"}'], 'The event\'s type is given twice: as "x", and in --data.'],
    [[""], 'The event\'s type is ""; it must be a non-empty string'],
    [["x".repeat(3_000)], "the partition key, which holds 2048"],
    [["x", "--time", "yesterday"], 'The time is "yesterday". Give RFC 3339'],
    [["x", "--count", "0"], "It takes a whole number from 1"],
    [["x", "--rate", "-1"], "It takes a number above 0"],
    [["x", "--attribute", "novalue"], "It takes key=value."],
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
      "It takes 1 to 128 letters (a-z, A-Z), digits and",
    ]),
    [["-", "--group", "a b"], "Option '--group <id>' argument 'a b' is invalid"],
    [["x", "--name", "Not_A_Name"], 'The name is "Not_A_Name"'],
    [["x", "--endpoint-url", "nowhere"], 'The endpoint is "nowhere"'],
    [["-", "--count", "2"], "With - the lines are the events"],
    [[], "Usage: event-pipeline publish"],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await operatorOf(run, ["publish", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  test("without a name or an endpoint is wrong usage", async () => {
    const { code, stderr } = await operator(["publish", "x"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("Which pipeline? Give --name NAME")]);
  });
});

test("--count is so many, at --rate", async () => {
  const start = performance.now();
  const ran = await operatorOf(run, ["publish", "counted", "--count", "15", "--rate", "20", "--json"]);
  expect(new Set(records(ran).map(({ message_id }) => message_id)).size).toBe(15);
  expect(performance.now() - start).toBeGreaterThan(500);
});

describe("ndjson", () => {
  test("10,000 lines are published, each once", async () => {
    const ran = await operatorOf(run, ["publish", "-", "--json"], ndjson(10_000, "bulk"));
    expect(ran.code).toBe(0);
    const published = records(ran);
    expect(published.map(({ line }) => line)).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
    expect(new Set(published.map(({ message_id }) => message_id)).size).toBe(10_000);
  });

  test("lines that cannot be events are named, and stop no others", async () => {
    const lines = ['{"type":"a"}', "no", "", "[1]", `"${"x".repeat(300_000)}"`, '{"type":""}', '\ufeff{"type":"b"}\r'];
    const ran = await operatorOf(run, ["publish", "-", "--json"], lines.join("\n"));
    expect(ran.code).toBe(3);
    expect(records(ran).map(({ line, message_id }) => [line, message_id !== undefined])).toEqual([
      [1, true],
      [2, false],
      [4, false],
      [5, false],
      [6, false],
      [7, true],
    ]);
    const text = await operatorOf(run, ["publish", "-"], lines.join("\n"));
    expect(text.stdout.trimEnd().split("\n")).toHaveLength(2);
    for (const reason of [
      "Line 2 ",
      "Line 4 ",
      "Line 5 is not published (Refused): The line has 300002 bytes",
      "Line 6 ",
    ]) {
      expect(text.stderr).toContain(reason);
    }
    expect((await operatorOf(run, ["publish", "-", "--no-validate"], "no\n[1]\n")).code).toBe(0);
    expect((await operatorOf(run, ["publish", "", "--no-validate"])).code).toBe(0);
  });

  test("a line is published while the next one is not there yet", async () => {
    const command = new Operator(["publish", "-"], { AWS_ENDPOINT_URL: run.ready.endpoint });
    command.child.stdin.write('{"type":"first"}\n');
    await command.until(() => command.stdout.includes("\n"));
    command.child.stdin.end('{"type":"second"}');
    expect((await command.done).stdout.trimEnd().split("\n")).toHaveLength(2);
  });

  test("Ctrl-C ends it, and it says what is published", async () => {
    const command = new Operator(["publish", "-", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
    command.child.stdin.write(ndjson(50, "interrupted"));
    await command.until(() => command.stdout.split("\n").length > 50);
    command.child.kill("SIGINT");
    const { code, stderr } = await command.done;
    expect(code).toBe(130);
    expect(stderr).toContain("Stopped behind line 50; nothing after it is published.");
  });

  test("what it said was published is, at a kill -9 in its midst", async () => {
    const command = new Operator(["publish", "-", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
    command.child.stdin.write(ndjson(5_000, "killed"));
    await command.until(() => command.stdout.split("\n").length > 200);
    command.child.kill("SIGKILL");
    const { stdout } = await command.done;
    const whole = stdout.slice(0, stdout.lastIndexOf("\n"));
    for (const { message_id } of records({ code: 0, stdout: whole, stderr: "" }))
      await run.waitForHop(message_id, "queued");
  });

  test("two publishers side by side publish all of both", async () => {
    const both = await Promise.all(
      ["left", "right"].map((side) => operatorOf(run, ["publish", "-"], ndjson(500, side))),
    );
    expect(new Set(both.flatMap(({ stdout }) => stdout.trimEnd().split("\n"))).size).toBe(1_000);
  });
});

describe("when AWS answers otherwise", () => {
  const failed = (id: string, code: string, isSenderFault: boolean) =>
    `<member><Id>${id}</Id><Code>${code}</Code><Message>why</Message><SenderFault>${isSenderFault}</SenderFault></member>`;
  const partial = (ids: readonly string[], code: string, isSenderFault: boolean) => ({
    status: 200,
    body: `<PublishBatchResponse><PublishBatchResult><Successful/><Failed>${ids.map((id) => failed(id, code, isSenderFault)).join("")}</Failed></PublishBatchResult></PublishBatchResponse>`,
  });

  async function through(fault: DoorFault, args: string[], stdin = "") {
    const door = await FaultyDoor.open(fault, run.ready.endpoint);
    const ran = await operator(args, { environment: { AWS_ENDPOINT_URL: door.endpoint }, stdin });
    await door.close();
    return { ...ran, requests: door.requests.filter(({ action }) => action === "PublishBatch") };
  }

  test("--group goes with each event of each batch, those that are sent again among them", async () => {
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

  test("what SNS did not take for its own sake is sent again", async () => {
    let faults = 2;
    const ran = await through(
      ({ action }) =>
        action === "PublishBatch" && faults-- > 0 ? partial(["0", "1"], "InternalError", false) : undefined,
      ["publish", "-", "--json"],
      ndjson(2, "again"),
    );
    expect([ran.code, records(ran).length, ran.requests.length]).toEqual([0, 2, 3]);
  });

  test("what SNS never takes is named by its line, with SNS's reason", async () => {
    const ran = await through(
      ({ action, body }) =>
        action === "PublishBatch" && body.includes("poison") ? partial(["0"], "InvalidParameter", true) : undefined,
      ["publish", "-", "--no-validate", "--rate", "10"],
      '{"type":"good"}\n{"type":"poison"}\n{"type":"good"}\n',
    );
    expect([ran.code, ran.stdout.trimEnd().split("\n").length]).toEqual([3, 2]);
    expect(ran.stderr).toContain("Line 2 is not published (InvalidParameter): why");
  });

  test("a message that has its batch refused keeps no other from being published", async () => {
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

  test("throttling that does not end is reported for each line", async () => {
    const ran = await through(
      ({ action }) => (action === "PublishBatch" ? xmlError(400, "Throttling", "Rate exceeded") : undefined),
      ["publish", "-", "--json"],
      ndjson(1, "throttled"),
    );
    expect(ran.code).toBe(3);
    expect(records(ran)).toEqual([{ line: 1, error_code: "Throttling", reason: "Rate exceeded" }]);
  }, 60_000);

  test.each([
    ["ExpiredToken", 4, "The AWS credentials have expired"],
    ["InvalidClientTokenId", 4, "AWS does not take the credentials"],
    [
      "AuthorizationError",
      4,
      "The credentials may not do SNS PublishBatch for arn:aws:sns:us-east-1:000000000000:local-events",
    ],
    ["NotFound", 1, "Is the pipeline local at "],
  ])("%s ends it with %i", async (name, code, message) => {
    const ran = await through(
      ({ action }) => (action === "PublishBatch" ? xmlError(403, name) : undefined),
      ["publish", "-"],
      ndjson(1_000, "x"),
    );
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr.trimEnd().split("\n").length).toBeLessThan(3);
  });

  test("no credentials at all end it with 4", async () => {
    const { code, stderr } = await operator(["publish", "x", "--name", "alice", "--region", "us-east-1"]);
    expect([code, stderr]).toEqual([4, expect.stringContaining("There are no AWS credentials")]);
  });

  test("credentials that expire half-way leave a part published, and it says so", async () => {
    let batches = 0;
    const ran = await through(
      ({ action }) => (action === "PublishBatch" && ++batches > 20 ? xmlError(403, "ExpiredToken") : undefined),
      ["publish", "-"],
      ndjson(1_000, "half"),
    );
    expect([ran.code, ran.stdout.trimEnd().split("\n").length]).toEqual([3, 200]);
    expect(ran.stderr).toContain("The AWS credentials have expired");
    expect(ran.stderr).toContain("200 published");
  });

  test("nobody at the address ends it with 1", async () => {
    const { code, stderr } = await operator(["publish", "x", "--endpoint-url", "http://127.0.0.1:1"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("Nothing answers for the pipeline local at http://127.0.0.1:1"),
    ]);
  });
});
