import { parseArgs } from "node:util";

const TABLES = ["handler", "contracts", "local-run", "services", "operations", "command", "limits"] as const;
export type TableName = (typeof TABLES)[number];

export const HELP = `Compares the project's speed and memory with those of a simpler implementation of the same work.

  npm run bench -- [options]

  --quick         Run fewer rounds with fewer events (about two minutes)
  --only <table>  Run one benchmark: ${TABLES.join(", ")} (repeatable; default: all)
  --write         Update docs/benchmarks.md
  --help          Show this help
`;

/** An invalid command line. */
export class InvalidArgumentsError extends Error {}

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  readonly write: boolean;
  readonly tables: readonly TableName[];
}

/** @throws InvalidArgumentsError if an option is unknown or its value is invalid. */
export function parseOptions(args: readonly string[]): Options {
  const { help, quick, write, only } = parse(args);
  const unknown = only.find((name) => !TABLES.some((table) => table === name));
  if (unknown !== undefined) {
    throw new InvalidArgumentsError(`Invalid --only "${unknown}": expected one of ${TABLES.join(", ")}.`);
  }
  if (write && only.length > 0) {
    throw new InvalidArgumentsError(
      "--write cannot be used with --only, because docs/benchmarks.md has all benchmarks. Remove --only.",
    );
  }
  return { help, quick, write, tables: TABLES.filter((name) => only.length === 0 || only.includes(name)) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] as string[] },
      },
    }).values;
  } catch (cause) {
    throw new InvalidArgumentsError(`${(cause as Error).message.split(/\.\s/)[0]}. See: npm run bench -- --help`, {
      cause,
    });
  }
}
