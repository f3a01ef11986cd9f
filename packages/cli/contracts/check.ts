import type { ContractComparison, FolderContracts, SetComparison } from "@event-pipeline/operations/contracts/check";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "../action";
import type { Output } from "../output";

interface CheckOptions {
  readonly against?: string;
  readonly deployed?: boolean;
  readonly folder: string;
  readonly strictTypes?: boolean;
}

export function addCheckCommand(contracts: Command, action: CreateAction): void {
  contracts
    .command("check")
    .description("Compare the contracts in a folder with an earlier version: which events were valid and no longer are")
    .option("--against <revision>", "Compare with this Git revision, such as main (default: HEAD)")
    .option("--deployed", "Compare with the deployed contracts")
    .option("--folder <path>", "Folder of the contracts", "events")
    .option("--strict-types", "Types without a contract are refused, as by the option strictTypes")
    .addHelpText(
      "after",
      `
Exit codes: 0 compatible or unknown, 1 breaking.
What each result means: docs/contracts.md`,
    )
    .action(action<CheckOptions>(check));
}

async function check(session: CommandSession, options: CheckOptions): Promise<ExitCode> {
  const { output } = session;
  if (options.against !== undefined && options.deployed) {
    throw new UsageError("--against and --deployed exclude each other. Give one of them.");
  }
  const { compareSets, readWorkingTree } = await import("@event-pipeline/operations/contracts/check");
  const next = readWorkingTree(options.folder);
  const former = await formerContracts(session, options);
  const strictTypes = options.strictTypes ?? former.strictTypes;
  const comparison = compareSets(former.set, { ...next, strictTypes });
  await (output.json ? printJson(output, comparison) : printText(output, comparison));
  const count = (verdict: string) => comparison.contracts.filter((each) => each.verdict === verdict).length;
  output.note(`Compared with ${former.name}: ${count("breaking")} breaking, ${count("unknown")} unknown.`);
  return count("breaking") > 0 ? EXIT_CODES.failed : EXIT_CODES.ok;
}

interface Former {
  readonly name: string;
  readonly set: FolderContracts;
  readonly strictTypes: boolean;
}

async function formerContracts({ io, pipeline, signal }: CommandSession, options: CheckOptions): Promise<Former> {
  if (options.deployed) {
    const { currentContracts } = await import("@event-pipeline/operations/deployed-contracts");
    const { set } = await currentContracts(pipeline(), signal);
    const none = { contracts: [], mapping: [], strictTypes: false };
    return { name: "the deployed contracts", set: set ?? none, strictTypes: set?.strictTypes ?? false };
  }
  const { against = "HEAD", folder } = options;
  const { readRevision } = await import("@event-pipeline/operations/contracts/check-revision");
  const set = await readRevision(against, { folder, environment: io.env, signal });
  return { name: against, set, strictTypes: false };
}

async function printText(output: Output, { contracts }: SetComparison): Promise<void> {
  await output.table(
    ["TYPE", "FROM", "TO", "RESULT"],
    contracts.map(({ type, oldVersion = "-", newVersion = "-", verdict }) => [type, oldVersion, newVersion, verdict]),
  );
  for (const contract of contracts) await printBreaking(output, contract);
}

async function printBreaking(output: Output, { type, breaking, unknown }: ContractComparison): Promise<void> {
  for (const { place, rule, reason, example } of breaking) {
    await output.line(`\n${type}: ${rule} at ${place || "the event"}\n  ${reason}\n  ${JSON.stringify(example)}`);
  }
  for (const { place, rule } of unknown) await output.line(`\n${type}: ${rule} at ${place || "the event"} is unknown`);
}

async function printJson(output: Output, { contracts }: SetComparison): Promise<void> {
  for (const contract of contracts) await output.record({ kind: "contract", ...contract });
}
