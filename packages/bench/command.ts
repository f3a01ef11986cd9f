import { runNode } from "./child";
import { measureInTurn, ratio, withSpread } from "./statistics";
import type { Table } from "./table";

const MAX_HELP_RATIO = 2;

const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "**event-pipeline --help**": ["dist/cli/main.mjs", "--help"],
  "event-pipeline samples": ["dist/cli/main.mjs", "samples"],
  "event-pipeline events show --help": ["dist/cli/main.mjs", "events", "show", "--help"],
};

/** Compares the CLI's startup time with that of an empty Node.js process. */
export async function command(quick: boolean): Promise<Table> {
  const figures = await measureInTurn(
    Object.keys(CANDIDATES),
    quick ? 7 : 40,
    (name) => runNode(CANDIDATES[name] ?? []).ms,
  );
  const [empty = [], help = []] = figures.values();
  return {
    title: "CLI startup",
    introduction: `The commands run in turn, each in its own process. The bundle is split, so a command loads only the AWS SDK clients that it uses.`,
    columns: ["command", "time", "÷ empty"],
    rows: [...figures].map(([name, ms]) => [name, withSpread(ms, "ms"), ratio(ms, empty)]),
    notes: [
      `Goal: \`--help\` takes at most ${MAX_HELP_RATIO} × the time of an empty process (measured: ${ratio(help, empty)}).`,
    ],
  };
}
