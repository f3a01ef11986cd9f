/** A table of docs/benchmarks.md. */
export interface Table {
  readonly title: string;
  /** Description of the comparison. */
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
