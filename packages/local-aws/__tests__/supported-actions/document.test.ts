import { readFileSync } from "node:fs";
import { HELP } from "@event-pipeline/local-run/options";
import { SUPPORTED_SERVICES } from "../../supported-actions";

/** Returns the rows of the table in docs/local-run.md that has this number of columns. */
function rowsOf(columns: number): string[][] {
  return readFileSync("docs/local-run.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
    .map((line) => line.slice(2, -2).split(" | "))
    .filter((row) => row.length === columns && row[0] !== "Service");
}

test("docs/local-run.md lists exactly the supported actions", () => {
  const listed = SUPPORTED_SERVICES.map(({ name, actions }) => [
    name,
    Object.keys(actions)
      .map((action) => `\`${action}\``)
      .join(", "),
  ]);
  expect(rowsOf(2)).toEqual(listed);
});

test("docs/local-run.md lists exactly the differences from AWS", () => {
  const listed = SUPPORTED_SERVICES.flatMap(({ name, actions }) =>
    Object.entries(actions).flatMap(([action, here]) => (here ? [[name, `\`${action}\``, here]] : [])),
  );
  expect(rowsOf(3)).toEqual(listed);
});

test("--help lists every action, within 80 columns", () => {
  for (const { name, actions } of SUPPORTED_SERVICES) {
    expect(HELP).toContain(`  ${name} `);
    for (const action of Object.keys(actions)) expect(HELP).toMatch(new RegExp(`\\b${action}\\b`));
  }
  expect(HELP.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
