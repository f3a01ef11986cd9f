import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const NOTICES = "THIRD-PARTY-NOTICES";
const handlers = readdirSync("dist/lambda").map((name) => `dist/lambda/${name}`);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "notices-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function addPackage(folder: string, manifest: object, files: Readonly<Record<string, string>> = {}): void {
  write(`${folder}/package.json`, JSON.stringify({ version: "1.0.0", main: "index.js", ...manifest }));
  write(`${folder}/index.js`, `console.log(${JSON.stringify(folder)});\n`);
  for (const [name, text] of Object.entries(files)) write(`${folder}/${name}`, text);
}

/** Bundles a file that imports packages, with the build's plugin. */
function bundle(...packages: string[]) {
  write("index.js", packages.map((name) => `import ${JSON.stringify(name)};\n`).join(""));
  const script = `
    import { build } from ${JSON.stringify(resolve("node_modules/esbuild/lib/main.js"))};
    import { thirdPartyNotices } from ${JSON.stringify(resolve("tools/third-party-notices.mjs"))};
    const shared = { bundle: true, platform: "node" };
    const options = { ...shared, entryPoints: ["index.js"], outdir: "out", write: false };
    const { outputFiles } = await build({ ...options, plugins: [thirdPartyNotices] });
    for (const { path, contents } of outputFiles) if (path.endsWith(${JSON.stringify(NOTICES)})) process.stdout.write(contents);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stderr, notices: stdout };
}

test.each([...handlers, "dist/cli", "dist/console"])("%s contains the license texts of its packages", (folder) => {
  const notices = readFileSync(join(folder, NOTICES), "utf8");
  const ids = [...notices.matchAll(/^(@?[\w./-]+) (\d+\.\d+\.\d\S*)$/gm)];
  expect(ids.length).toBeGreaterThan(0);
  for (const [, name = "", version] of ids) {
    const installed = join("node_modules", name);
    expect(JSON.parse(readFileSync(join(installed, "package.json"), "utf8")).version).toBe(version);
    for (const file of readdirSync(installed).filter((entry) => /^licen[cs]e/i.test(entry))) {
      expect(notices).toContain(readFileSync(join(installed, file), "utf8").trim());
    }
  }
});

test("writes only the notices of a folder's own packages", () => {
  const of = (folder: string) => readFileSync(join(folder, NOTICES), "utf8");
  expect(of("dist/console")).toMatch(/^preact \d/m);
  expect(of("dist/cli")).toMatch(/^commander \d/m);
  expect(of("dist/cli")).not.toMatch(/^preact \d/m);
  expect(of("dist/lambda/event-processor")).toMatch(/^@aws-sdk\/client-dynamodb \d/m);
  expect(of("dist/lambda/alert-log")).not.toContain("@aws-sdk/client-");
});

test("lists scoped, nested and duplicate packages once, in a stable order, and a shared text once", () => {
  addPackage("node_modules/b", { name: "b", license: "MIT" }, { "license.md": "Text of B\r\nin two lines\r\n" });
  addPackage("node_modules/@s/a", { name: "@s/a", license: "ISC" }, { LICENCE: "Shared", NOTICE: "Mind this" });
  addPackage("node_modules/c", { name: "c", license: "MIT" }, { LICENSE: "Text of B\nin two lines" });
  addPackage("node_modules/c/node_modules/b", { name: "b", version: "2.0.0", license: "0BSD" });
  write("node_modules/c/index.js", 'import "b";\nconsole.log("c");\n');
  write("node_modules/c/licenses/of-its-tests.txt", "Not bundled");
  const { notices } = bundle("c", "b", "@s/a");
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  expect(notices.split(rule).slice(1)).toEqual([
    "@s/a 1.0.0\n\nLicense: ISC\n\nShared\n\nMind this",
    "b 1.0.0\nc 1.0.0\n\nLicense: MIT\n\nText of B\nin two lines",
    "b 2.0.0\n\nLicense: 0BSD\n",
  ]);
  expect(bundle("@s/a", "b", "c").notices).toBe(notices);
});

test.each([
  ["GPL-3.0-only", '"GPL-3.0-only". Allowed:'],
  ["(MIT OR GPL-3.0-only)", '"(MIT OR GPL-3.0-only)". Allowed:'],
  [undefined, "undefined. Allowed:"],
  ["MIT", "has no license text, but MIT requires it"],
])("rejects a package under %s without a license text", (license, message) => {
  addPackage("node_modules/x", { name: "x", license });
  const { status, stderr } = bundle("x");
  expect([status, stderr]).toEqual([1, expect.stringContaining(`The bundled package x 1.0.0`)]);
  expect(stderr).toContain(message);
  expect(existsSync(join(root, "out", NOTICES))).toBe(false);
});
