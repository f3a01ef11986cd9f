import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { type Table, toMarkdown } from "./table";

const DOCUMENT = "docs/benchmarks.md";
const MARKER = "<!-- npm run bench -- --write keeps everything below this line. -->";

/** Replaces everything in docs/benchmarks.md above the marker. */
export function writeDocument(tables: readonly Table[], command: string): void {
  const existing = readFileSync(DOCUMENT, "utf8");
  const byHand = existing.slice(existing.indexOf(MARKER));
  writeFileSync(
    DOCUMENT,
    `# Benchmarks

\`${command}\` generates the tables above "Measured once". Each benchmark runs next to its baseline, in turn.
A figure is the median; the parentheses hold the interquartile range. Compare the ratios: the absolute times depend on the machine.

Machine: ${machine()}

${tables.map(toMarkdown).join("\n")}
${byHand}`,
  );
}

function machine(): string {
  const models = [...new Set(cpus().map(({ model }) => model.trim()))].join(", ");
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  return `${models}, ${cpus().length} cores, ${memory} of memory, Node.js ${process.version}, ${process.platform}/${process.arch}, ${date}.`;
}
