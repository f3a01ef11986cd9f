import { join } from "node:path";
import type { Finding, Hop } from "@event-pipeline/operations/doctor/hop";
import type { OperationError } from "@event-pipeline/operations/errors";
import { shellWord } from "@event-pipeline/operations/shell-word";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode, exitCodeOf } from "./action";
import type { Output } from "./output";

interface DoctorOptions {
  readonly stackFolder?: string;
}

export function addDoctorCommand(program: Command, action: CreateAction): void {
  program
    .command("doctor")
    .summary("Find where an event stops, and print a fix")
    .description("Follow an event through the deployed resources, and print a fix for each hop where it stops")
    .option(
      "--stack-folder <folder>",
      "Folder with cdk.tf.json (default: the local run's, or that of the stage synthesized last)",
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 an event passes every hop, 1 a hop is broken, 3 a hop is not known, 4 credentials error.",
    )
    .action(action<DoctorOptions>(run));
}

/** The longest kind of a hop: `dead-letter queue`. */
const HOP_COLUMNS = 17;

const MARKS = {
  passes: ["green", "✓"],
  broken: ["red", "✗"],
  "not known": ["yellow", "?"],
  "not emulated": ["dim", "-"],
} as const;

type State = keyof typeof MARKS;

async function run({ pipeline, output, signal }: CommandSession, { stackFolder }: DoctorOptions): Promise<ExitCode> {
  const [{ diagnose }, { toOperationError }] = await Promise.all([
    import("@event-pipeline/operations/doctor/diagnose"),
    import("@event-pipeline/operations/aws-errors"),
  ]);
  const target = pipeline();
  const { place, arn, folder, findings, hops } = await diagnose(target, signal, stackFolder);
  const { account, region } = place;
  if (output.json) {
    const stack = folder === undefined ? null : join(folder, "cdk.tf.json");
    await output.record({ kind: "surroundings", account, arn, region, stack, findings });
  } else {
    await output.line(`credentials  ${arn} in account ${account}`);
    await output.line(`region       ${region}`);
    await output.line(`stack        ${folder ?? "not found, so doctor expects only what follows from the names"}`);
    await printFindings(output, findings);
  }
  const counts = { passes: 0, broken: 0, "not known": 0, "not emulated": 0 };
  const found = [...findings];
  let stoppedBy: OperationError | undefined;
  const follow = async () => {
    try {
      for await (const hop of hops) {
        if (signal.aborted) break;
        counts[stateOf(hop)] += 1;
        found.push(...hop.findings);
        await printHop(output, hop);
      }
    } catch (error) {
      if (!signal.aborted) stoppedBy = toOperationError(error, target.description);
    }
  };
  await output.progress(() => `${counts.passes} hops passed`, follow);
  const isBroken = found.some(({ what }) => what === "missing" || what === "wrong");
  if (output.json) await output.record(totalOf(counts, found));
  const states = Object.entries(counts).filter(([state, count]) => state === "passes" || count > 0);
  output.note(`Hops: ${states.map(([state, count]) => `${count} ${state}`).join(", ")}.`);
  const absent = new Set(found.filter(({ what }) => what === "not emulated").map(({ message }) => message));
  if (absent.size > 0) output.note(`Not available at ${target.connection.endpoint}: ${[...absent].join(", ")}.`);
  if (signal.aborted) output.note("Interrupted. The other hops were not examined.");
  if (stoppedBy) output.note(`${stoppedBy.message} The other hops were not examined.`);
  if (absent.size === 0) output.note("Not visible to doctor: policies of AWS Organizations and of VPC endpoints.");
  if (folder !== undefined && absent.size === 0) {
    const plan = `${target.terraformEnvironment} terraform -chdir=${shellWord(folder)} plan -detailed-exitcode`;
    output.note(`For every other difference from the stack: ${plan}`);
  }
  if (isBroken && !stoppedBy) return EXIT_CODES.failed;
  return exitCodeOf(!found.some(({ what }) => what === "unknown"), stoppedBy);
}

function stateOf({ findings }: Hop): State {
  const has = (...kinds: Finding["what"][]) => findings.some(({ what }) => kinds.includes(what));
  if (has("missing", "wrong")) return "broken";
  if (has("unknown")) return "not known";
  return has("not emulated") ? "not emulated" : "passes";
}

function totalOf(counts: Readonly<Record<State, number>>, findings: readonly Finding[]): object {
  const { passes, broken, "not known": notKnown, "not emulated": notEmulated } = counts;
  const count = (kind: Finding["what"]) => findings.filter(({ what }) => what === kind).length;
  const resources = passes + broken + notKnown + notEmulated;
  const [missing, wrong, unknown] = [count("missing"), count("wrong"), count("unknown")];
  return { kind: "total", resources, missing, wrong, unknown, passes, broken, notKnown, notEmulated };
}

async function printHop(output: Output, hop: Hop): Promise<void> {
  if (output.json) {
    await output.record({ kind: "resource", ...hop, state: stateOf(hop) });
    return;
  }
  const [color, mark] = MARKS[stateOf(hop)];
  await output.line(`${output.paint(color, mark)} ${hop.hop.padEnd(HOP_COLUMNS)}  ${hop.name}`);
  await printFindings(output, hop.findings);
}

async function printFindings(output: Output, findings: readonly Finding[]): Promise<void> {
  for (const { what, message, fix } of findings) {
    if (what === "not emulated") continue;
    await output.line(`    ${message}`);
    if (fix === undefined) continue;
    for (const step of `Fix: ${fix}`.split("\n")) await output.line(`    ${step}`);
  }
}
