import type { CheckedResource, Finding } from "@event-pipeline/operations/doctor/diagnose";
import type { Command } from "commander";
import { type CommandSession, type CreateAction, EXIT_CODES, type ExitCode } from "./action";
import type { Output } from "./output";

interface DoctorOptions {
  readonly stackFolder?: string;
}

export function addDoctorCommand(program: Command, action: CreateAction): void {
  program
    .command("doctor")
    .description("Compare the deployed resources with the synthesized stack, and print a fix for each difference")
    .option("--stack-folder <folder>", "Folder with cdk.tf.json (default: the folder of the stage synthesized last)")
    .addHelpText("after", "\nExit codes: 0 no difference, 1 a resource is missing or differs, 4 credentials error.")
    .action(action<DoctorOptions>(run));
}

async function run({ pipeline, output, signal }: CommandSession, { stackFolder }: DoctorOptions): Promise<ExitCode> {
  const { diagnose } = await import("@event-pipeline/operations/doctor/diagnose");
  const { environment, checked } = await diagnose(pipeline(), stackFolder);
  const { account, arn, region, file, findings } = environment;
  if (output.json) await output.record({ kind: "surroundings", account, arn, region, stack: file ?? null, findings });
  else {
    await output.line(`credentials  ${arn} in account ${account}`);
    await output.line(`region       ${region}`);
    await output.line(`stack        ${file ?? "not synthesized, so settings are not compared (run npm run synth)"}`);
    await lines(output, findings);
  }
  const counts = { resources: 0, missing: 0, wrong: 0, unknown: 0 };
  for (const { what } of findings) counts[what] += 1;
  /** The number of unknown resources with the same type and reason, by the line that is printed for them. */
  const unknownResources = new Map<string, number>();
  await output.progress(
    () => `${counts.resources} checked`,
    async () => {
      for await (const each of checked) {
        counts.resources += 1;
        for (const { what } of each.findings) counts[what] += 1;
        if (each.isUnknown && !output.json) {
          const line = `${each.address.split(".")[0]}: ${each.findings[0]?.message}`;
          unknownResources.set(line, (unknownResources.get(line) ?? 0) + 1);
        } else await show(output, each);
        if (signal.aborted) break;
      }
    },
  );
  for (const [line, count] of unknownResources) await output.line(`${output.paint("dim", "?")} ${count} × ${line}`);
  const { resources, missing, wrong, unknown } = counts;
  if (output.json) await output.record({ kind: "total", ...counts });
  output.note(`${resources} resources checked: ${missing} missing, ${wrong} settings differ, ${unknown} unknown.`);
  return missing + wrong > 0 ? EXIT_CODES.failed : EXIT_CODES.ok;
}

async function show(output: Output, { address, name, findings }: CheckedResource): Promise<void> {
  if (output.json) {
    await output.record({ kind: "resource", address, name, findings });
    return;
  }
  const isBad = findings.some(({ what }) => what !== "unknown");
  const mark = isBad
    ? output.paint("red", "✗")
    : output.paint(findings.length > 0 ? "dim" : "green", findings.length > 0 ? "?" : "✓");
  await output.line(`${mark} ${address}  ${name}`);
  await lines(output, findings);
}

async function lines(output: Output, findings: readonly Finding[]): Promise<void> {
  for (const { message, fix } of findings) {
    await output.line(`    ${message}`);
    if (fix !== undefined) await output.line(`    Fix: ${fix}`);
  }
}
