import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

const DOCUMENT = "docs/benchmarks.md";
const MARKER = "<!-- npm run bench -- --write keeps everything below this line. -->";

/** A benchmark's section in docs/benchmarks.md. */
export interface Table {
  readonly title: string;
  /** Paragraph above the table. */
  readonly introduction: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Goals and caveats, printed as a list below the table. */
  readonly notes?: readonly string[];
}

export function toMarkdown({ title, introduction, columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `## ${title}`,
    "",
    introduction,
    "",
    line(columns),
    line(columns.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...rows.map(line),
    ...(notes.length > 0 ? ["", ...notes.map((note) => `- ${note}`)] : []),
    "",
  ].join("\n");
}

/** Replaces everything in docs/benchmarks.md above the marker. */
export function writeDocument(tables: readonly Table[], command: string): void {
  const existing = readFileSync(DOCUMENT, "utf8");
  const byHand = existing.slice(existing.indexOf(MARKER));
  writeFileSync(
    DOCUMENT,
    `# Benchmarks

\`${command}\` generates the tables above "Measured once". Each benchmark and its baseline run in turn.
Figures are medians, with the interquartile range in parentheses. Compare the ratios, because absolute times depend on the machine.

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
