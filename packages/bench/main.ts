import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import { coldStart } from "./cold-start/cold-start";
import { command } from "./command/command";
import { report, writeDocument } from "./document";
import { handler } from "./handler/handler";
import { limits } from "./limits/limits";
import { localRun } from "./local-run/local-run";
import { operations } from "./operations/operations";
import { HELP, parseOptions, type TableName, UsageError } from "./options";
import { synth } from "./synth/synth";
import { type Table, toMarkdown } from "./table";

const DOCUMENT = "docs/benchmarks.md";
const WRONG_USAGE = 2;

const MEASURE: Readonly<Record<TableName, (quick: boolean) => Promise<Table>>> = {
  handler,
  "cold-start": coldStart,
  synth,
  "local-run": localRun,
  operations,
  command,
  limits,
};

async function main(args: readonly string[]): Promise<void> {
  const { help, quick, write, tables } = parseOptions(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const sections: string[] = [];
  // One after another: two at once would measure each other.
  for (const name of tables) {
    const start = performance.now();
    const section = toMarkdown(await MEASURE[name](quick));
    sections.push(section);
    process.stdout.write(`${section}\n`);
    process.stderr.write(`${name}: ${((performance.now() - start) / 1_000).toFixed(1)} s\n`);
  }
  if (!write) return;
  writeDocument(DOCUMENT, report(sections, ["npm run bench --", ...args].join(" ")));
  process.stderr.write(`Wrote ${DOCUMENT}.\n`);
}

forgetAwsSettings();
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof UsageError ? WRONG_USAGE : 1;
}
