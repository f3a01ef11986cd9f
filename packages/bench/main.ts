import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import { command } from "./command";
import { contracts } from "./contracts/contracts";
import { handler } from "./handler/handler";
import { limits } from "./limits/limits";
import { localRun } from "./local-run/local-run";
import { operations } from "./operations/operations";
import { HELP, InvalidArgumentsError, parseOptions, type TableName } from "./options";
import { services } from "./services/services";
import { type Table, toMarkdown, writeDocument } from "./table";

const EXIT_USAGE = 2;

const BENCHMARKS: Readonly<Record<TableName, (quick: boolean) => Promise<Table>>> = {
  handler,
  contracts,
  "local-run": localRun,
  services,
  operations,
  command,
  limits,
};

async function main(args: readonly string[]): Promise<void> {
  const { help, quick, write, tables: names } = parseOptions(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const tables: Table[] = [];
  // Sequential: parallel benchmarks would slow each other down.
  for (const name of names) {
    const start = performance.now();
    const table = await BENCHMARKS[name](quick);
    tables.push(table);
    process.stdout.write(`${toMarkdown(table)}\n`);
    process.stderr.write(`${name}: ${((performance.now() - start) / 1_000).toFixed(1)} s\n`);
  }
  if (write) writeDocument(tables, ["npm run bench --", ...args].join(" "));
}

forgetAwsSettings();
// `startLocalRun` ends the local run when this process exits.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof InvalidArgumentsError ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof InvalidArgumentsError ? EXIT_USAGE : 1;
}
