// Who may import whom: the lint rules of biome.json, room by room.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

/** A file of each room, and the rooms that it may import. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  "iam-policy": [],
  sns: ["contract"],
  stacks: ["contract", "sns"],
  "lambda-src/consumer": ["contract"],
  "lambda-src/alert-log": ["contract", "lambda-src/consumer"],
  "lambda-src/event-processor/read": ["contract", "lambda-src/consumer"],
  "lambda-src/event-processor/aws": ["contract", "lambda-src/consumer"],
  "lambda-src/event-processor/store": [
    "contract",
    "lambda-src/consumer",
    "lambda-src/event-processor/aws",
    "lambda-src/event-processor/read",
  ],
  "lambda-src/event-processor/refuse": ["contract", "lambda-src/consumer", "lambda-src/event-processor/aws"],
  operations: ["contract", "iam-policy", "sns", "lambda-src/consumer", "lambda-src/event-processor/read"],
  local: ["contract", "iam-policy", "sns", "operations", "console"],
  console: ["contract", "sns", "operations"],
  cli: ["contract", "sns", "operations", "console"],
};

interface Report {
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: unknown } }[];
}

/** Files, of those that were given with their texts, which import what they may not. */
function refused(files: ReadonlyMap<string, string>): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), "rooms-"));
  for (const file of ["biome.json", ".gitignore"]) copyFileSync(file, join(folder, file));
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const args = ["lint", "--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none", "."];
  let output: string;
  try {
    output = execFileSync(resolve("node_modules/.bin/biome"), args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    // Which it ends with where it has found something.
    output = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(output) as Report;
  return new Set(diagnostics.map(({ location }) => String(location.path)));
}

test("each room imports those that it may, and no other", () => {
  const files = new Map<string, string>();
  const forbidden: string[] = [];
  for (const [room, allowed] of Object.entries(ROOMS)) {
    for (const other of Object.keys(ROOMS)) {
      if (other === room) continue;
      const file = `${room}/imports-${other.replaceAll("/", "-")}.ts`;
      files.set(
        file,
        `import { it } from "${relative(room, other).replace(/^(?!\.)/, "./")}/it";\n\nexport const its = it;\n`,
      );
      if (!allowed.includes(other)) forbidden.push(file);
    }
  }
  expect([...refused(files)].sort()).toEqual(forbidden.sort());
});
