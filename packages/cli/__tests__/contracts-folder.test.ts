// Commands that read the contracts in a folder, without a pipeline.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { records, runCli } from "@event-pipeline/testing/run-cli";

/** Parts of ajv's code that no other module has. */
const AJV = /unevaluatedProperties/;

test("contracts list has the type, version, title and hash of each contract", async () => {
  const { code, stdout, stderr } = await runCli(["contracts", "list"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^TYPE +VERSION +HASH +TITLE\nfinding\.new +1\.0\.0 +[\da-f]{8} +New finding\n/);
  const [first] = records(await runCli(["contracts", "list", "--json"]));
  expect(first).toEqual({
    type: "finding.new",
    version: "1.0.0",
    title: "New finding",
    hash: expect.stringMatching(/^[\da-f]{64}$/),
  });
});

test("contracts show prints the file's content", async () => {
  const { code, stdout } = await runCli(["contracts", "show", "scan.started"]);
  expect([code, JSON.parse(stdout)]).toEqual([0, JSON.parse(readFileSync("events/scan-started.json", "utf8"))]);
  expect(stdout.split("\n").length).toBeGreaterThan(10);
  const asJson = await runCli(["contracts", "show", "scan.started", "--json"]);
  expect(asJson.stdout.trimEnd().split("\n")).toEqual([JSON.stringify(JSON.parse(stdout))]);
});

test("contracts show escapes what controls a terminal, and stays JSON", async () => {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  const title = "\u009b31m \u200b \u{e0001}";
  const contract = { "x-event-type": "a", "x-version": "1", title, description: "d", examples: [{}] };
  writeFileSync(join(folder, "a.json"), JSON.stringify(contract));
  const { stdout } = await runCli(["contracts", "show", "a", "--folder", folder]);
  expect(JSON.parse(stdout)).toEqual(contract);
  expect(stdout).toMatch(/^[ -~\n]*$/);
});

test("an unknown type names the known ones", async () => {
  const { code, stdout, stderr } = await runCli(["contracts", "show", "scan"]);
  expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(/"scan".*finding\.new, scan\.finished/)]);
});

test.each([
  [["--folder", "/nowhere"], "/nowhere"],
  [["--folder", "package.json"], "package.json"],
  [["--folder", "packages/operations"], "package.json"],
])("%j is refused by its name", async (args, name) => {
  for (const command of [["list"], ["show", "a"], ["types"], ["docs"], ["asyncapi"]]) {
    const { code, stdout, stderr } = await runCli(["contracts", ...command, ...args]);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(name)]);
  }
});

test.each(["types", "docs", "asyncapi"])("contracts %s prints what it writes with --out", async (command) => {
  const file = join(mkdtempSync(join(tmpdir(), "out-")), "file");
  writeFileSync(file, "an older file");
  const printed = await runCli(["contracts", command]);
  const written = await runCli(["contracts", command, "--out", file]);
  expect([printed.code, printed.stderr]).toEqual([0, ""]);
  expect(written).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("3 contracts") });
  expect(readFileSync(file, "utf8")).toBe(printed.stdout);
  for (const type of ["finding.new", "scan.finished", "scan.started"]) expect(printed.stdout).toContain(type);
  const [asJson] = records(await runCli(["contracts", command, "--json"]));
  expect(command === "asyncapi" ? asJson : asJson.text).toEqual(
    command === "asyncapi" ? JSON.parse(printed.stdout) : printed.stdout,
  );
  const nowhere = await runCli(["contracts", command, "--out", "/nowhere/file"]);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining("/nowhere/file")]);
});

test("the command itself does not load the compiler of contracts", () => {
  const folder = "dist/cli";
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const text = readFileSync(file, "utf8");
    expect(text).not.toMatch(AJV);
    const imports = text.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g);
    for (const [, path = ""] of imports) load(join(dirname(file), path));
  };
  load(join(folder, "main.mjs"));
  expect(loaded.size).toBeGreaterThan(1);
  const others = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
  expect(others.some((name) => AJV.test(readFileSync(join(folder, name), "utf8")))).toBe(true);
});
