// Zips the bundles, as a plan does, while other commands in the clone rebuild them.
import { createHash } from "node:crypto";
import {
  appendFileSync,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Child } from "@event-pipeline/testing/child";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import archiver from "archiver";

const LIMIT_MS = 4 * 60_000;
const HANDLERS = readdirSync("lambda-src").filter((name) => existsSync(join("lambda-src", name, "index.ts")));
const root = mkdtempSync(join(tmpdir(), "build-"));
const clone = join(root, "event pipeline");
beforeAll(() => copyInstalledProject(clone));
afterAll(() => rmSync(root, { recursive: true }));

async function run(...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Child("npm", args, { cwd: clone, env: process.env }).finished(LIMIT_MS);
  if (code !== 0) throw new Error(`npm ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}

/** Zips a folder as the archive provider does, and returns its hash. */
async function zipOf(handler: string): Promise<string> {
  const zip = archiver("zip", { zlib: { level: 1 } });
  const file = join(root, `${handler}.zip`);
  zip.on("warning", (error) => zip.emit("error", error));
  zip.directory(join(clone, "dist/lambda", handler), false, { mode: 0o644, date: new Date(0) });
  await Promise.all([pipeline(zip, createWriteStream(file)), zip.finalize()]);
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

const zips = async () => Object.fromEntries(await Promise.all(HANDLERS.map(async (name) => [name, await zipOf(name)])));

/** Changes each handler, so that its bundle differs. */
function edit(mark: string): void {
  for (const handler of HANDLERS) {
    const file = join(clone, "lambda-src", handler, "index.ts");
    const [source] = readFileSync(file, "utf8").split("\nexport const mark");
    writeFileSync(file, String(source));
    appendFileSync(file, `\nexport const mark = ${JSON.stringify(mark)};\n`);
  }
}

test("a zip contains complete bundles, even while npm start, build and synth run", async () => {
  const versions: Record<string, string>[] = [];
  for (const mark of ["first", "second"]) {
    edit(mark);
    await run("run", "build");
    versions.push(await zips());
  }
  const [first, second] = versions;
  for (const handler of HANDLERS) expect(first?.[handler]).not.toBe(second?.[handler]);

  let read = 0;
  for (const mark of ["first", "second"]) {
    edit(mark);
    let isDone = false;
    const commands = Promise.all([
      run("start", "--", "--once", "--port", "0", "--no-page"),
      run("run", "build"),
      run("run", "synth"),
    ]).finally(() => {
      isDone = true;
    });
    try {
      while (!isDone) {
        for (const [handler, zip] of Object.entries(await zips())) {
          expect(versions.map((version) => version[handler])).toContain(zip);
          read += 1;
        }
      }
    } finally {
      await Promise.allSettled([commands]);
    }
    await commands;
    expect(await zips()).toEqual(mark === "first" ? first : second);
  }
  // Some zips were made while the commands ran.
  expect(read).toBeGreaterThan(10);
});

test("deletes files that the build no longer creates, and nothing else in dist", async () => {
  await run("run", "build");
  const made = readdirSync(join(clone, "dist"), { recursive: true }).sort();
  const left = [
    "dist/lambda/event-processor/old.mjs",
    "dist/local/old.mjs.map",
    "dist/kept.txt",
    "dist/cli/part-OLD.mjs",
  ];
  for (const file of left) writeFileSync(join(clone, file), "");
  await run("run", "build");
  const expected = [...made, "kept.txt", join("cli", "part-OLD.mjs")].sort();
  expect(readdirSync(join(clone, "dist"), { recursive: true }).sort()).toEqual(expected);
});
