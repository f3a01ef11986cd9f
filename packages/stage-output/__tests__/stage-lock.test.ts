import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type ProcessId, readProcess } from "../process-table";
import { lockManifest, StageLockedError } from "../stage-lock";

const self = readProcess(process.pid) as ProcessId;
const parent = readProcess(process.ppid) as ProcessId;
const ADVICE = "Wait for it to end, or use npm run diff, npm run deploy or npm run destroy, which run side by side.";
let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), "stage-lock-"));
});
afterEach(() => rmSync(outdir, { recursive: true }));

const locks = () => readdirSync(join(outdir, "locks")).sort();

function leave(name: string): void {
  mkdirSync(join(outdir, "locks"), { recursive: true });
  writeFileSync(join(outdir, "locks", name), "");
}

function ended(): ProcessId {
  const { stdout } = spawnSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" });
  return { pid: Number(stdout), startTime: self.startTime };
}

test("while a stage's command runs, another stage is refused in a line that names it, and leaves no lock", () => {
  lockManifest(outdir, "dev", parent);
  const before = locks();
  expect(() => lockManifest(outdir, "prod", self)).toThrow(
    new StageLockedError(
      `A command for the stage dev (process ${parent.pid}) uses ${outdir}: the stage prod cannot. ${ADVICE}`,
    ),
  );
  expect(locks()).toEqual(before);
});

test("commands of one stage do not hinder each other, and each of them keeps other stages out", () => {
  const first = lockManifest(outdir, "dev", parent);
  const second = lockManifest(outdir, "dev", self);
  first.release();
  expect(() => lockManifest(outdir, "prod", parent)).toThrow(StageLockedError);
  second.release();
  lockManifest(outdir, "prod", parent);
  expect(locks()).toEqual([expect.stringMatching(/^prod\./)]);
});

test("the lock of a command that has ended is taken over, of whichever stage", () => {
  lockManifest(outdir, "dev", ended());
  lockManifest(outdir, "prod", ended());
  lockManifest(outdir, "staging", self);
  expect(locks()).toEqual([expect.stringMatching(/^staging\./)]);
});

test("so is that of an earlier process of the same id", () => {
  lockManifest(outdir, "dev", { pid: parent.pid, startTime: parent.startTime - 1 });
  lockManifest(outdir, "prod", self);
  expect(locks()).toEqual([expect.stringMatching(/^prod\./)]);
});

test("a command that synthesizes another stage than before has the lock of the newer alone", () => {
  lockManifest(outdir, "dev", parent);
  lockManifest(outdir, "prod", parent);
  expect(locks()).toEqual([expect.stringMatching(/^prod\./)]);
});

test.each([
  ["of a process that nobody knew", `dev.0.0.${hostname()}`],
  ["left on another machine, or in another container", `dev.${process.pid}.${self.startTime}.somewhere.else`],
])("where a lock is %s, another stage is told which file to delete", (_, name) => {
  leave(name);
  expect(() => lockManifest(outdir, "prod", self)).toThrow(
    new StageLockedError(
      `A command for the stage dev may still use ${outdir}: the stage prod cannot. ${ADVICE} If none runs, delete ${join(outdir, "locks", name)}.`,
    ),
  );
  lockManifest(outdir, "dev", self);
});

test("what is no lock is left alone", () => {
  const others = [".DS_Store", "dev", "dev.1", "dev.1.2", "DEV.1.2.host", "dev.x.2.host", "dev.1.2."];
  for (const name of others) leave(name);
  lockManifest(outdir, "prod", self).release();
  expect(locks()).toEqual(others.sort());
});
