import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { type CommandResult, records, runCli, runCliProcess } from "@event-pipeline/testing/run-cli";

async function refused(...args: string[]): Promise<CommandResult> {
  const ran = await runCli(args);
  expect(ran.code).toBe(2);
  expect(ran.stdout).toBe("");
  return ran;
}

test("--help lists the commands and the exit codes", async () => {
  const { code, stdout, stderr } = await runCli(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (const word of ["samples", "--local", "130 interrupted"]) expect(stdout).toContain(word);
});

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

test("--version prints the version of the package", async () => {
  expect(await runCliProcess(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test.each([
  [["--bogus"], "Unknown option '--bogus'"],
  [["sample"], "Did you mean samples?"],
  [["publish", "-", "--unchecked"], "--no-validate"],
  [["reconcile", "--content"], "--compare-data"],
  [["archive", "replay", "--missing"], "--only-missing"],
  [["archive", "replay", "--refused"], "--include-refused"],
])("refuses %j on stderr", async (args, message) => {
  expect((await refused(...args)).stderr).toContain(message);
});

test("samples prints a table, and objects with --json", async () => {
  expect((await runCli(["samples"])).stdout).toMatch(/^SAMPLE +DESCRIPTION\nfinding\.new +\S/);
  const samples = records(await runCli(["samples", "--json"]));
  expect(samples.map(({ name }) => name)).toContain("not-json");
});

test("exits with 0 when the reader closes the pipe, and with an error when the disk is full", () => {
  const command = `"${process.execPath}" dist/cli/main.mjs samples --json`;
  const read = spawnSync("sh", ["-c", `${command} | head -n 0`], { encoding: "utf8" });
  expect([read.status, read.stderr]).toEqual([0, ""]);
  if (!existsSync("/dev/full")) return; // Only Linux has this device.
  const full = spawnSync("sh", ["-c", `${command} > /dev/full`], { encoding: "utf8" });
  expect([full.status, full.stderr]).toEqual([1, expect.stringContaining("ENOSPC")]);
});
