import { readFileSync } from "node:fs";

/** First cells of the decisions in docs/events.md: the rows before the section on AWS's answers. */
export function documentedDecisions(): string[] {
  const [decisions = ""] = readFileSync("docs/events.md", "utf8").split("## When AWS answers otherwise");
  const cells = decisions.split("\n").map((line) => /^\| (?!What arrives|-)(.*?) +\|/.exec(line)?.[1]);
  return cells.filter((cell) => cell !== undefined);
}
