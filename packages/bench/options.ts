import { parseArgs } from "node:util";

export const TABLES = ["handler", "cold-start", "synth", "local-run", "operations", "command", "limits"] as const;
export type TableName = (typeof TABLES)[number];

export const HELP = `Measures the project against the usual way, in one run.

  npm run bench -- [options]

  --quick        fewer rounds and events: about three minutes
  --only TABLE   one of ${TABLES.join(", ")}; may be repeated
  --write        also write docs/benchmarks.md; text below its marker stays
  --help
`;

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  readonly write: boolean;
  readonly tables: readonly TableName[];
}

/** A mistake in the command line; its message says what is allowed. */
export class UsageError extends Error {}

/** @throws UsageError that names the option, its value and what is allowed. */
export function parseOptions(args: readonly string[]): Options {
  const { help, quick, write, only } = parse(args);
  for (const name of only) {
    if (!TABLES.some((table) => table === name)) {
      throw new UsageError(`--only is "${name}". It takes one of ${TABLES.join(", ")}.`);
    }
  }
  if (write && only.length > 0) {
    throw new UsageError("--write needs all tables, from one run. Leave out --only.");
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
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}. See: npm run bench -- --help`, { cause });
  }
}
