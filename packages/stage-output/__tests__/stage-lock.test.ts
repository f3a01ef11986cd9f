import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type ProcessId, readProcess } from "../process-table";
import { lockManifest, StageLockedError } from "../stage-lock";

const self = readProcess(process.pid) as ProcessId;
const parent = readProcess(process.ppid) as ProcessId;
const ADVICE =
  "Wait until it ends, or use npm run diff, npm run deploy or npm run destroy, which can run for several stages at once.";
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

test("rejects another stage while a command runs, names the command, and leaves no lock", () => {
  lockManifest(outdir, "dev", parent);
  const before = locks();
  expect(() => lockManifest(outdir, "prod", self)).toThrow(
    new StageLockedError(
      `A command for the stage dev (process ${parent.pid}) uses ${outdir}, so the stage prod cannot use it now. ${ADVICE}`,
    ),
  );
  expect(locks()).toEqual(before);
});

test("lets several commands for one stage run at once, and each locks out other stages", () => {
  const first = lockManifest(outdir, "dev", parent);
  const second = lockManifest(outdir, "dev", self);
  first.release();
  expect(() => lockManifest(outdir, "prod", parent)).toThrow(StageLockedError);
  second.release();
  lockManifest(outdir, "prod", parent);
  expect(locks()).toEqual([expect.stringMatching(/^prod\./)]);
});

test("replaces the lock of a command that has ended, for any stage", () => {
  lockManifest(outdir, "dev", ended());
  lockManifest(outdir, "prod", ended());
  lockManifest(outdir, "staging", self);
  expect(locks()).toEqual([expect.stringMatching(/^staging\./)]);
});

test("replaces the lock of an earlier process with the same PID", () => {
  lockManifest(outdir, "dev", { pid: parent.pid, startTime: parent.startTime - 1 });
  lockManifest(outdir, "prod", self);
  expect(locks()).toEqual([expect.stringMatching(/^prod\./)]);
});

test("keeps only the last stage's lock of a command that synthesizes two stages", () => {
  lockManifest(outdir, "dev", parent);
  lockManifest(outdir, "prod", parent);
  expect(locks()).toEqual([expect.stringMatching(/^prod\./)]);
});

test.each([
  ["of an unidentified process", `dev.0.0.${hostname()}`],
  ["left on another machine, or in another container", `dev.${process.pid}.${self.startTime}.somewhere.else`],
])("rejects another stage because of a lock %s, and names the file to delete", (_, name) => {
  leave(name);
  expect(() => lockManifest(outdir, "prod", self)).toThrow(
    new StageLockedError(
      `A command for the stage dev may still use ${outdir}, so the stage prod cannot use it now. ${ADVICE} If no such command is running, delete ${join(outdir, "locks", name)}.`,
    ),
  );
  lockManifest(outdir, "dev", self);
});

test("keeps other files", () => {
  const others = [".DS_Store", "dev", "dev.1", "dev.1.2", "DEV.1.2.host", "dev.x.2.host", "dev.1.2."];
  for (const name of others) leave(name);
  lockManifest(outdir, "prod", self).release();
  expect(locks()).toEqual(others.sort());
});
