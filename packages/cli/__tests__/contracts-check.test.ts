import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { records, runCli, runCliOn } from "@event-pipeline/testing/run-cli";
import { drained } from "@event-pipeline/testing/stored-events";

const AMOUNT = { type: "number", minimum: 0 };
const contract = (type: string, amount: object = AMOUNT) =>
  JSON.stringify({
    "x-event-type": type,
    "x-version": "1.0.0",
    title: "Order",
    description: "A customer ordered something.",
    type: "object",
    required: ["amount"],
    properties: { amount },
    examples: [{ type, amount: 1 }],
  });

describe("against a Git revision", () => {
  let root: string;
  let events: string;
  const git = (...args: string[]) => {
    const author = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...author, "-C", root, ...args], { stdio: "pipe" });
  };
  const commit = () => {
    git("add", "-A");
    git("commit", "-m", "contracts");
  };
  const write = (file: string, text: string) => writeFileSync(join(events, file), text);
  const check = (...args: string[]) => runCli(["contracts", "check", "--folder", events, ...args]);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "repository-"));
    git("init", "--initial-branch=main");
    // The folder is below the root, and its names have spaces, line breaks and characters outside ASCII.
    events = join(root, "größe x", "events");
    mkdirSync(events, { recursive: true });
    write("ä b\n.json", contract("order.placed"));
    write("other.json", contract("order.sent"));
    write("notes.txt", "no contract");
    commit();
  });

  afterEach(() => rmSync(root, { recursive: true }));

  test("the working tree is compared with HEAD, and a breaking change exits with 1", async () => {
    expect(await check()).toMatchObject({ code: 0, stdout: expect.stringMatching(/order\.placed .* unchanged\n/) });
    write("ä b\n.json", contract("order.placed", { ...AMOUNT, minimum: 1 }));
    const { code, stdout } = await check("--json");
    const [placed, sent, mapping] = records({ code, stdout, stderr: "" });
    expect([code, placed.event_type, placed.result, sent.result]).toEqual([1, "order.placed", "breaking", "unchanged"]);
    expect(placed.breaking).toEqual([expect.objectContaining({ place: "/amount", rule: "minimum" })]);
    expect(placed.breaking[0].example.amount).toBeLessThan(1);
    expect(mapping).toEqual({ kind: "mapping", added: [], removed: [], moved: [] });
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining("minimum is breaking at /amount") });
  });

  test("a revision is a commit, a branch or a tag", async () => {
    git("tag", "-a", "v1", "-m", "v1");
    write("ä b\n.json", contract("order.placed", { ...AMOUNT, maximum: 9 }));
    commit();
    const codes = [];
    for (const revision of ["HEAD", "main", "HEAD~1", "v1", "v1^{commit}"]) {
      codes.push((await check("--against", revision)).code);
    }
    expect(codes).toEqual([0, 0, 1, 1, 1]);
  });

  test("the variables of a Git hook do not select another repository", async () => {
    write("other.json", contract("order.sent", { type: "string" }).replace('"amount":1', '"amount":"1"'));
    const environment = { GIT_DIR: "/nowhere", GIT_INDEX_FILE: "/nowhere", GIT_PREFIX: "x/", GIT_WORK_TREE: "/" };
    expect((await runCli(["contracts", "check", "--folder", events], { environment })).code).toBe(1);
  });

  test("a deleted contract is breaking only with --strict-types, and a new one or a mapping is not", async () => {
    rmSync(join(events, "other.json"));
    write("new.json", contract("order.paid"));
    write("mapping.json", '["stripe"]');
    const results = (stdout: string) =>
      records({ code: 0, stdout, stderr: "" }).map((each) => each.result ?? each.added);
    const [loose, strict] = [await check("--json"), await check("--json", "--strict-types")];
    expect([loose.code, ...results(loose.stdout)]).toEqual([0, "added", "unchanged", "deleted", ["stripe"]]);
    expect([strict.code, ...results(strict.stdout)]).toEqual([1, "added", "unchanged", "breaking", ["stripe"]]);
    expect(loose.stderr).toMatch(/"order\.sent".*\n.*--only-missing/);
  });

  test("an unknown result is said, and exits with 0", async () => {
    const patterned = (pattern: string) =>
      contract("order.sent", { type: "string", pattern }).replace('"amount":1', '"amount":"A1"');
    write("other.json", patterned("^[A][1-9]$"));
    commit();
    write("other.json", patterned("^A[1-9]$"));
    const { code, stdout, stderr } = await check();
    expect([code, stdout, stderr]).toEqual([
      0,
      expect.stringContaining("pattern is unknown at /amount"),
      expect.stringContaining("--archive"),
    ]);
  });

  test("a folder that the revision does not have has no contracts there", async () => {
    git("rm", "-r", "--cached", "größe x");
    git("commit", "-m", "none", "--allow-empty");
    const { code, stdout } = await check("--json");
    expect([code, ...records({ code, stdout, stderr: "" }).slice(0, 2)]).toEqual([
      0,
      ...[expect.objectContaining({ result: "added" }), expect.objectContaining({ result: "added" })],
    ]);
  });

  test.each<[string, () => string[] | undefined, RegExp]>([
    ["no such revision", () => ["--against", "nowhere"], /"nowhere".*--against/],
    ["a revision like an option", () => ["--against=--output=/tmp/x"], /"--output=\/tmp\/x"/],
    ["a revision that is not a commit", () => ["--against", "HEAD:größe x/events/notes.txt"], /--against/],
    ["no folder", () => ["--folder", join(root, "none")], /none.*--folder/],
    ["a file as folder", () => ["--folder", join(events, "notes.txt")], /notes\.txt/],
    ["no repository", () => ["--folder", mkdtempSync(join(tmpdir(), "none-"))], /repository.*--deployed/],
    ["two earlier versions", () => ["--against", "HEAD", "--deployed"], /--against and --deployed/],
    ["a time without an archive", () => ["--since", "7d"], /--archive/],
    ["a contract that is not JSON", () => void write("other.json", "{"), /other\.json/],
    [
      "an earlier contract that is not JSON",
      () => {
        write("other.json", "{");
        commit();
        return void write("other.json", contract("order.sent"));
      },
      /HEAD.*other\.json.*--against/,
    ],
    [
      "an earlier contract that is a symbolic link",
      () => {
        symlinkSync("other.json", join(events, "link.json"));
        commit();
        return void rmSync(join(events, "link.json"));
      },
      /link\.json.*symbolic link/,
    ],
  ])("%s exits with 2 and names the fix", async (_, prepare, message) => {
    const { code, stdout, stderr } = await check(...(prepare() ?? []));
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  });

  test("without Git, the message reports it", async () => {
    const ran = await runCli(["contracts", "check", "--folder", events], { environment: { PATH: "/nowhere" } });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/git is not installed.*--deployed/)]);
  });
});

describe("against a pipeline", () => {
  let run: LocalRun;
  const folderWith = (...texts: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), "events-"));
    for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.json`), text);
    return folder;
  };
  const check = (folder: string, ...args: string[]) =>
    runCliOn(run, ["contracts", "check", "--folder", folder, "--json", ...args]);
  const publish = async (message: string) => {
    const { MessageId = "" } = await run.clients.sns.send(
      new PublishCommand({ TopicArn: run.output("topic_arn"), Message: message }),
    );
    await run.until(() => run.idsOf("archived").has(MessageId), 30_000);
    return MessageId;
  };
  let small: string[];

  beforeAll(async () => {
    const folder = folderWith(contract("order.placed"));
    run = await LocalRun.start("--delivery", "ordered", "--stack-folder", stackFolder(undefined, undefined, folder));
    small = [];
    for (const amount of [1, 2]) small.push(await publish(JSON.stringify({ type: "order.placed", amount })));
    for (const message of [
      '{"type":"order.placed","amount":10}',
      '{"type":"order.placed"}',
      "no JSON",
      '{"type":"x"}',
    ]) {
      await publish(message);
    }
    await drained(run, run.output("queue_url"));
  });

  afterAll(async () => {
    expect(await run.stop()).toBe(0);
  });

  test("the deployed contracts are the earlier version, and no Git is needed", async () => {
    const edited = folderWith(contract("order.placed", { ...AMOUNT, maximum: 5 }));
    const [same, breaking] = [
      await check(folderWith(contract("order.placed")), "--deployed"),
      await check(edited, "--deployed"),
    ];
    expect([same.code, records(same)[0].result]).toEqual([0, "unchanged"]);
    expect([breaking.code, records(breaking)[0].breaking[0].rule]).toEqual([1, "maximum"]);
  });

  test("archived events that only the new contracts refuse are counted by type and rule", async () => {
    const edited = folderWith(contract("order.placed", { ...AMOUNT, minimum: 5 }).replace('"amount":1', '"amount":9'));
    const ran = await check(edited, "--archive", "--since", "1h");
    expect([ran.code, ...records(ran)]).toEqual([
      1,
      {
        kind: "refused",
        event_type: "order.placed",
        error_code: "CONTRACT_VIOLATED",
        rule: "#/properties/amount/minimum",
        count: 2,
        message_ids: expect.arrayContaining(small),
        reason: expect.stringContaining("/amount is "),
      },
      { kind: "archive", read: 6, refused: 2, refused_before: 2 },
    ]);
    const text = await runCliOn(run, ["contracts", "check", "--folder", edited, "--archive"]);
    expect(text.stdout.split("\n").map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      ...["REFUSED", "2", "", expect.stringContaining("/amount is "), ""],
    ]);
    expect(text.stderr).toMatch(/archive get --id \S+ --local/);
    const unchanged = await check(folderWith(contract("order.placed")), "--archive", "--deployed");
    expect([unchanged.code, records(unchanged).at(-1)]).toEqual([
      0,
      { kind: "archive", read: 6, refused: 0, refused_before: 2 },
    ]);
  });

  test("with --strict-types, archived events of other types are refused", async () => {
    const ran = await check(folderWith(contract("order.placed")), "--archive", "--strict-types");
    expect([ran.code, records(ran)[0]]).toEqual([
      1,
      expect.objectContaining({ event_type: "x", error_code: "UNKNOWN_TYPE", count: 1 }),
    ]);
    expect((await check(folderWith(contract("order.placed")), "--archive", "--until", "2020-01-01")).code).toBe(0);
  });
});
