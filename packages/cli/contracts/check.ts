import type { ContractComparison, SetComparison } from "@event-pipeline/contracts/compatibility/compare";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import type { ArchiveCheck } from "@event-pipeline/operations/contracts/archive";
import type { FolderContracts } from "@event-pipeline/operations/contracts/folder";
import type { CurrentContracts } from "@event-pipeline/operations/deployed-contracts";
import { UsageError } from "@event-pipeline/operations/errors";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "../action";
import { UnreadableNotes } from "../archive/unreadable-notes";
import { addTimeRangeOptions, type TimeRangeOptions, timeRangeOf, timeRangeText } from "../option-values";
import { countOf, type Output, startRateFormatter } from "../output";

interface CheckOptions extends TimeRangeOptions {
  readonly against?: string;
  readonly deployed?: boolean;
  readonly archive?: boolean;
  readonly folder: string;
  readonly strictTypes?: boolean;
}

export function addCheckCommand(contracts: Command, action: CreateAction): void {
  const command = contracts
    .command("check")
    .summary("Find events that changed contracts would refuse")
    .description("Compare contracts with an earlier version, and find events that were valid and no longer are")
    .option("--against <revision>", "Compare with a Git revision, such as main (default: HEAD)")
    .option("--deployed", "Compare with the deployed contracts")
    .option("--archive", "Validate the archived events, which were stored until now")
    .option("--folder <path>", "Folder of the contracts", "events")
    .option("--strict-types", "Refuse types without a contract (default: as deployed)")
    .addHelpText(
      "after",
      `
Exit codes: 0 compatible or unknown, 1 breaking, 3 not every archived event was read.
What each result means: docs/contracts.md`,
    )
    .action(action<CheckOptions>(check));
  addTimeRangeOptions(command, "published");
}

async function check(session: CommandSession, options: CheckOptions): Promise<ExitCode> {
  const { output, pipeline, signal } = session;
  const { against, deployed: withDeployed = false, archive = false, folder } = options;
  if (against !== undefined && withDeployed) {
    throw new UsageError("--against and --deployed exclude each other. Give one of them.");
  }
  if (!archive && (options.since ?? options.until) !== undefined) {
    throw new UsageError("--since and --until select archived events. Give --archive, too.");
  }
  const timeRange = timeRangeOf(options);
  const { compareSets } = await import("@event-pipeline/contracts/compatibility/compare");
  const { readFolder } = await import("@event-pipeline/operations/contracts/folder");
  const inFolder = readFolder(folder);
  const deployed = withDeployed || archive ? await deployedContracts(session) : undefined;
  const next = { ...inFolder, strictTypes: options.strictTypes ?? deployed?.set?.strictTypes ?? false };
  let exitCode: ExitCode = EXIT_CODES.ok;
  if (withDeployed || against !== undefined || !archive) {
    const former = withDeployed
      ? (deployed?.set ?? { contracts: [], mapping: [] })
      : await contractsIn(session, against ?? "HEAD", folder);
    const comparison = compareSets(former, next);
    await (output.json ? printComparisonJson(output, comparison) : printComparison(output, comparison));
    if (archive && !output.json) await output.line();
    exitCode = concludeComparison(output, comparison, withDeployed ? "the deployed contracts" : (against ?? "HEAD"));
  }
  if (!deployed || !archive) return exitCode;
  const { checkArchive } = await import("@event-pipeline/operations/contracts/archive");
  const unreadable = new UnreadableNotes(output, pipeline().awsCli);
  const perSecond = startRateFormatter();
  const checked = await output.progress(
    (read = 0) => `${read} read, ${perSecond(read)}`,
    (onProgress: (read: number) => void) =>
      checkArchive(pipeline(), next, {
        deployed: deployed.current,
        timeRange,
        signal,
        onUnreadable: unreadable.add,
        onProgress,
      }),
  );
  await (output.json ? printArchiveJson(output, checked) : printArchive(output, checked));
  const archiveCode = concludeArchive(session, checked, unreadable, timeRangeText(timeRange));
  return exitCode === EXIT_CODES.ok ? archiveCode : exitCode;
}

async function deployedContracts({ pipeline, signal }: CommandSession): Promise<CurrentContracts> {
  // Without these options, the command does not load the AWS SDK.
  const { currentContracts } = await import("@event-pipeline/operations/deployed-contracts");
  return currentContracts(pipeline(), signal);
}

async function contractsIn({ io, signal }: CommandSession, revision: string, folder: string): Promise<FolderContracts> {
  const { readRevision } = await import("@event-pipeline/operations/contracts/check-revision");
  return readRevision(revision, { folder, environment: io.env, signal });
}

/** Length of an example in text. With `--json`, examples are complete. */
const MAX_EXAMPLE_CHARACTERS = 1_000;

async function printComparison(output: Output, { contracts, mapping }: SetComparison): Promise<void> {
  if (contracts.length > 0) {
    await output.table(
      ["TYPE", "FROM", "TO", "RESULT"],
      contracts.map(({ type, oldVersion = "-", newVersion = "-", verdict }) => [type, oldVersion, newVersion, verdict]),
    );
  }
  for (const contract of contracts) await printRules(output, contract);
  const changes = Object.entries(mapping).filter(([, entries]) => entries.length > 0);
  if (changes.length > 0) await output.line();
  for (const [change, entries] of changes) {
    for (const entry of entries) await output.line(`mapping: ${change} ${JSON.stringify(entry)}`);
  }
}

async function printRules(output: Output, { type, breaking, unknown }: ContractComparison): Promise<void> {
  for (const { place, rule, reason, example } of breaking) {
    await output.line();
    await output.line(`${type}: ${rule} is breaking at ${place || "the event"}`);
    await output.line(`  ${reason}`);
    await output.line(`  ${excerpt(JSON.stringify(example), MAX_EXAMPLE_CHARACTERS)}`);
  }
  if (unknown.length > 0) await output.line();
  for (const { place, rule } of unknown) await output.line(`${type}: ${rule} is unknown at ${place || "the event"}`);
}

async function printComparisonJson(output: Output, { contracts, mapping }: SetComparison): Promise<void> {
  for (const { type, verdict, oldVersion, newVersion, breaking, unknown } of contracts) {
    await output.record({
      kind: "contract",
      event_type: type,
      result: verdict,
      from_version: oldVersion,
      to_version: newVersion,
      breaking,
      unknown,
    });
  }
  await output.record({ kind: "mapping", ...mapping });
}

/** Prints what the results mean, and returns the exit code. */
function concludeComparison(output: Output, { contracts, mapping }: SetComparison, formerName: string): ExitCode {
  const typesOf = (verdict: string) =>
    contracts.filter((each) => each.verdict === verdict).map(({ type }) => JSON.stringify(type));
  const [breaking, unknown, deleted] = [typesOf("breaking"), typesOf("unknown"), typesOf("deleted")];
  if (deleted.length > 0) output.note(`No longer validated, because the contract was deleted: ${deleted.join(", ")}.`);
  if (Object.values(mapping).some((entries) => entries.length > 0)) {
    output.note(
      "The mapping changes. Events that these entries claim have other keys, and maybe other types. A replay stores them again, unless it has --only-missing.",
    );
  }
  if (unknown.length > 0) output.note("To validate archived events by contracts whose result is unknown: --archive");
  output.note(
    `Compared with ${formerName}: ${countOf(contracts.length, "contract")}, ${breaking.length} breaking, ${unknown.length} unknown.`,
  );
  return breaking.length > 0 ? EXIT_CODES.failed : EXIT_CODES.ok;
}

async function printArchive(output: Output, { refusals }: ArchiveCheck): Promise<void> {
  if (refusals.length === 0) return;
  await output.table(
    ["REFUSED", "TYPE", "RULE", "MESSAGE IDS"],
    refusals.map(({ count, type = "-", code, rule, messageIds }) => [
      String(count),
      type,
      rule ?? code,
      messageIds.join(" "),
    ]),
  );
  for (const { reason } of refusals) {
    await output.line();
    await output.line(reason);
  }
}

async function printArchiveJson(output: Output, { read, refusedBefore, refusals }: ArchiveCheck): Promise<void> {
  for (const { type, code, rule, count, messageIds, reason } of refusals) {
    await output.record({
      kind: "refused",
      event_type: type,
      error_code: code,
      rule,
      count,
      message_ids: messageIds,
      reason,
    });
  }
  await output.record({ kind: "archive", read, refused: refusedIn(refusals), refused_before: refusedBefore });
}

function refusedIn(refusals: ArchiveCheck["refusals"]): number {
  return refusals.reduce((sum, { count }) => sum + count, 0);
}

/** Prints what the result means, and returns the exit code. */
function concludeArchive(
  { output, signal, pipeline, commandLine }: CommandSession,
  { read, refusedBefore, refusals, stoppedBy }: ArchiveCheck,
  unreadable: UnreadableNotes,
  range: string,
): ExitCode {
  const refused = refusedIn(refusals);
  const [example] = refusals[0]?.messageIds ?? [];
  unreadable.printTotal();
  if (stoppedBy) output.note(stoppedBy.message);
  if (signal.aborted) output.note("Interrupted.");
  if (example !== undefined)
    output.note(`To see the first event: ${pipeline().cliCommand("archive", "get", "--id", example)}`);
  output.note(
    `${countOf(read, "archived event")} ${range}: ${refused} would be refused${refusedBefore > 0 ? `, besides ${refusedBefore} that the deployed handler refuses too` : ""}.`,
  );
  const isWhole = unreadable.count === 0 && !stoppedBy && !signal.aborted;
  if (!isWhole) output.note(`The archive was not read completely. To check it again: ${commandLine()}`);
  if (refused > 0) return EXIT_CODES.failed;
  return exitCodeOf(isWhole, stoppedBy ?? unreadable.denied);
}
