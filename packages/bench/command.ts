import { runNode } from "./child";
import { measureInTurn, times, withSpread } from "./statistics";
import type { Table } from "./table";

const MAX_HELP_RATIO = 2;

const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "**event-pipeline --help**": ["dist/cli/main.mjs", "--help"],
  "event-pipeline samples": ["dist/cli/main.mjs", "samples"],
  "event-pipeline events show --help": ["dist/cli/main.mjs", "events", "show", "--help"],
};

/** Measures how long the CLI takes to start, against an empty Node.js process. */
export async function command(quick: boolean): Promise<Table> {
  const figures = await measureInTurn(
    Object.keys(CANDIDATES),
    quick ? 7 : 40,
    (name) => runNode(CANDIDATES[name] ?? []).ms,
  );
  const [empty = [], help = []] = figures.values();
  return {
    title: "CLI startup",
    introduction: `Each command runs in its own process, in turn. The bundle is split, so a command loads only the AWS SDK clients that it uses.`,
    columns: ["command", "time", "÷ empty"],
    rows: [...figures].map(([name, ms]) => [name, withSpread(ms, "ms"), times(ms, empty)]),
    notes: [`Goal: \`--help\` within ${MAX_HELP_RATIO} × an empty process (measured: ${times(help, empty)}).`],
  };
}
