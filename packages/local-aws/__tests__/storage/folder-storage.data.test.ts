// Runs under Node.js 22.13 or newer (npm run test:data): node:sqlite stores the values in the folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import { buildSync } from "esbuild";
import fc from "fast-check";
import { openDatabase } from "../../storage/node-sqlite";
import { FolderStorage, type Table } from "../../storage/storage";

const KILLS = 12;

const newFolder = () => mkdtempSync(join(tmpdir(), "storage-"));

function failing(error: unknown): never {
  throw error;
}

const entriesOf = (table: Table<unknown>) => [...table.keys()].map((key) => [key, table.get(key)]);

/** Writes an ES module that runs `body` with a FolderStorage in a folder. */
function script(body: string): string {
  const file = join(newFolder(), "writer.mjs");
  buildSync({
    stdin: {
      contents: `import { FolderStorage } from "./storage";
        import { writeSync } from "node:fs";
        const storage = FolderStorage.open(process.argv[2], (error) => { throw error; });
        ${body}`,
      resolveDir: join(__dirname, "../../storage"),
    },
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  return file;
}

test("a reopened folder has the same values in the same order", async () => {
  const key = fc.oneof(fc.constantFrom("a", "b", "__proto__", "", "\0", "a\0b"), unicodeText({ maxLength: 3 }));
  const change = fc.record({
    table: fc.constantFrom("one", "two"),
    key,
    value: fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 2 })),
    endsTurn: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 40 }), fc.boolean(), async (changes, isFlushed) => {
      const folder = newFolder();
      const storage = FolderStorage.open(folder, failing);
      const tables = { one: storage.table<unknown>("one"), two: storage.table<unknown>("two") };
      for (const { table, key: changed, value, endsTurn } of changes) {
        if (value === undefined) tables[table as "one"].delete(changed);
        else tables[table as "one"].set(changed, value);
        if (endsTurn) await turn();
      }
      if (isFlushed) await storage.flush();
      const before = [entriesOf(tables.one), entriesOf(tables.two)];
      storage.close();
      const again = FolderStorage.open(folder, failing);
      const after = [entriesOf(again.table("one")), entriesOf(again.table("two"))];
      again.close();
      expect(JSON.stringify(after)).toBe(JSON.stringify(before));
    }),
    { numRuns: 200 },
  );
}, 120_000); // It waits for thousands of writes to the disk.

test("a kill at any moment leaves whole turns, and all that was acknowledged", async () => {
  const writer = script(`
    const [odd, even] = [storage.table("odd"), storage.table("even")];
    for (let count = odd.get("count") ?? 0; ; ) {
      count++;
      odd.set("count", count);
      for (let part = 0; part < 20; part++) even.set("part " + part, { count, text: "x".repeat(500) });
      await storage.flush();
      writeSync(1, count + "\\n");
    }`);
  const folder = newFolder();
  let acknowledged = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    await once(child.stdout, "data");
    await sleep(Math.random() * 60);
    child.kill("SIGKILL");
    await once(child, "close");
    acknowledged = Number(output.trimEnd().split("\n").at(-1));

    const storage = FolderStorage.open(folder, failing);
    const count = storage.table<number>("odd").get("count") ?? 0;
    const parts = [...storage.table<{ count: number }>("even").values()].map((part) => part.count);
    storage.close();
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(parts).toEqual(Array.from({ length: 20 }, () => count));
  }
  expect(acknowledged).toBeGreaterThan(KILLS);
}, 60_000);

test("reports a write that fails", async () => {
  const errors: unknown[] = [];
  const storage = FolderStorage.open(newFolder(), ((error: unknown) => errors.push(error)) as never);
  const table = storage.table<object>("one");
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  table.set("a", circular);
  await storage.flush();
  expect(errors).toEqual([expect.objectContaining({ name: "TypeError" })]);
});

test("waits for nothing when nothing has changed", async () => {
  const storage = FolderStorage.open(newFolder(), failing);
  const table = storage.table<number>("one");
  expect(storage.flush()).toBeUndefined();
  table.set("a", 1);
  await storage.flush();
  expect(table.delete("none")).toBe(false);
  expect(storage.flush()).toBeUndefined();
  storage.close();
});

test("neither stores nor acknowledges what changes after the end", async () => {
  const folder = newFolder();
  const storage = FolderStorage.open(folder, failing);
  const table = storage.table<number>("one");
  table.set("a", 1);
  storage.close();
  table.set("a", 2);
  expect(await Promise.race([storage.flush(), sleep(50, "pending")])).toBe("pending");
  const again = FolderStorage.open(folder, failing);
  expect(again.table("one").get("a")).toBe(1);
  again.close();
});

test("refuses a folder that another process uses, and takes it over when that process is killed", async () => {
  const holder = script(
    'storage.table("one").set("a", 1); await storage.flush(); writeSync(1, "open"); setInterval(() => {}, 1000);',
  );
  const folder = newFolder();
  const child = spawn(process.execPath, [holder, folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const expected = `The local run with process ID ${child.pid} uses the folder "${folder}". Stop it, or choose another folder.`;
  expect(() => FolderStorage.open(folder, failing)).toThrow(expected);
  child.kill("SIGKILL");
  await once(child, "close");
  const storage = FolderStorage.open(folder, failing);
  expect(storage.table("one").get("a")).toBe(1);
  storage.close();
});

test("refuses the folder of a former version, and says how to continue", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "fauxqs.db"), "");
  expect(() => FolderStorage.open(folder, failing)).toThrow(
    `The data in the folder "${folder}" is of a former version of this program, which this version cannot read: choose another folder.`,
  );
});

test("refuses the folder of a newer version", () => {
  const folder = newFolder();
  FolderStorage.open(folder, failing).close();
  const database = openDatabase(join(folder, "services.sqlite"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  expect(() => FolderStorage.open(folder, failing)).toThrow(/is of version 99 of this program, which this version/);
});

test("reports a damaged file, and a damaged value", () => {
  const folder = newFolder();
  const storage = FolderStorage.open(folder, failing);
  storage.table("one").set("a", 1);
  storage.close();
  const database = openDatabase(join(folder, "services.sqlite"));
  database.exec("UPDATE stored_values SET value = '{'");
  database.close();
  const damaged = FolderStorage.open(folder, failing);
  expect(() => damaged.table("one")).toThrow(/^The data in the folder ".*" is damaged/);
  damaged.close();
  writeFileSync(join(folder, "services.sqlite"), "no database");
  expect(() => FolderStorage.open(folder, failing)).toThrow(/^The data in the folder ".*" is damaged/);
});

test.each(["/dev/null/data", "/proc/data"])("refuses %s, which cannot be created", (folder) => {
  expect(() => FolderStorage.open(folder, failing)).toThrow(new RegExp(`^Cannot write to the folder "${folder}": `));
});
