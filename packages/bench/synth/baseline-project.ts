import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** TypeScript 5, because ts-node has nothing to call in the project's TypeScript 7. */
const PACKAGES = ["ts-node@10.9.2", "typescript@5.9.3"];

/** What CDKTF's template sets, and what this project's sources need on top. */
const COMPILER_OPTIONS = {
  target: "ES2022",
  lib: ["ES2023"],
  module: "CommonJS",
  moduleResolution: "node",
  strict: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  types: ["node"],
};

/**
 * This project's app in the way of CDKTF's template, in a folder of its own:
 * the same sources under ts-node with its type-check, and with the provider
 * imported from the root of its package.
 */
export function makeBaselineProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-synth-"));
  for (const source of appSources()) {
    mkdirSync(dirname(join(folder, source)), { recursive: true });
    writeFileSync(join(folder, source), importFromRoot(readFileSync(source, "utf8")));
  }
  cpSync("cdktf.json", join(folder, "cdktf.json"));
  for (const shared of ["node_modules", "dist"]) symlinkSync(resolve(shared), join(folder, shared));
  const compiler = toolFolder();
  write(folder, "package.json", {
    private: true,
    scripts: {
      synth: `node ${join(compiler, "ts-node", "dist", "bin.js")} -C ${join(compiler, "typescript")} main.ts`,
    },
  });
  write(folder, "tsconfig.json", {
    compilerOptions: COMPILER_OPTIONS,
    files: ["main.ts"],
  });
  return folder;
}

/** The app's own rooms: the bundle's source map names them and its packages, but no file that has types alone. */
function appSources(): string[] {
  const { sources } = JSON.parse(readFileSync("dist/app/main.js.map", "utf8")) as { sources: string[] };
  const bundled = sources.map((source) => source.replace("../../", ""));
  const own = bundled.filter((source) => source !== "main.ts" && !source.startsWith("node_modules/"));
  const rooms = new Set(own.map((source) => source.split("/", 1).join("")));
  const inRooms = [...rooms].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" }).map((file) => join(room, file)),
  );
  return ["main.ts", ...inRooms.filter((file) => file.endsWith(".ts"))];
}

/**
 * `import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue"` becomes
 * `import { sqsQueue } from "@cdktf/provider-aws"` and an alias, which serves as type and as value.
 */
export function importFromRoot(source: string): string {
  return source.replace(
    /import (?:type )?\{([^}]*)\} from "(@cdktf\/provider-\w+)\/lib\/([\w-]+)";/g,
    (_, names: string, root: string, submodule: string) => {
      const namespace = submodule.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
      // The name of the namespace alone may be a variable's, or another provider's.
      const local = `${root.slice("@cdktf/".length).replace("-", "_")}_${namespace}`;
      const aliases = names
        .split(",")
        .map((name) => name.replace(/^\s*type\s/, "").trim())
        .filter(Boolean)
        .map((name) => `import ${name} = ${local}.${name};`);
      return [`import { ${namespace} as ${local} } from "${root}";`, ...aliases].join(" ");
    },
  );
}

/** Where npx keeps the compiler: outside of the project. */
function toolFolder(): string {
  const packages = PACKAGES.flatMap((name) => ["--package", name]);
  const tsNode = execFileSync("npx", ["--yes", ...packages, "--", "which", "ts-node"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 120_000,
  }).trim();
  return dirname(dirname(tsNode));
}

function write(folder: string, name: string, content: object): void {
  writeFileSync(join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
}
