import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";

const MARKER = "<!-- Written by hand from here on: npm run bench -- --write leaves it as it is. -->";

/** What the figures were measured on. */
export function machine(): string {
  const models = [...new Set(cpus().map(({ model }) => model.trim()))].join(", ");
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  return `${models}, ${cpus().length} cores, ${memory} of memory, Node.js ${process.version}, ${process.platform}/${process.arch}, ${date}.`;
}

/** The whole document but for what is written by hand. */
export function report(tables: readonly string[], command: string): string {
  return `# Benchmarks

Made by \`${command}\`. Each figure stands beside a baseline that was measured in the same run,
turn by turn with it; a figure is the median, and the brackets hold the middle half of the runs. Compare the ratios, not the
milliseconds: those are one machine's.

${machine()}

${tables.join("\n")}`;
}

/** Replaces the document, except for what stands below the marker. */
export function writeDocument(path: string, text: string): void {
  const old = existsSync(path) ? readFileSync(path, "utf8") : "";
  const at = old.indexOf(MARKER);
  const byHand = at === -1 ? `${MARKER}\n` : old.slice(at);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n${byHand}`);
}
