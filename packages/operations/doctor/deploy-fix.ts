import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { projectCommand } from "@event-pipeline/terraform-json/project-command";
import type { Pipeline } from "../pipeline";
import { shellWord } from "../shell-word";
import type { LocalRun } from "./local-run";
import type { Stack } from "./stack";

/**
 * Returns the fix that makes the resources as in the stack: a deployment, or another start of the local run.
 *
 * @param run - The local run, if it has said how it was started.
 */
export function deployFix(pipeline: Pipeline, { folder }: Stack, run: LocalRun | undefined): string {
  if (run || pipeline.connection.isLocalRun) return restartFix(run);
  const stage = folder !== undefined && basename(dirname(folder)) === "stages" ? basename(folder) : undefined;
  return [pipeline.terraformEnvironment, stage && `EVENT_PIPELINE_STAGE=${stage}`, projectCommand("deploy")]
    .filter(Boolean)
    .join(" ");
}

function restartFix(run: LocalRun | undefined): string {
  if (!run) {
    return "Stop the local run, and start it again with npm start in its project.\nWithout --data-dir, it loses its events: export or redrive them first.";
  }
  const { command, folder, stackFolder } = run;
  if (!existsSync(folder)) {
    return `Start the local run again from another copy of the project, because ${folder} does not exist anymore.`;
  }
  if (!existsSync(stackFolder)) {
    return `Start the local run again with the stack of another folder, because ${stackFolder} does not exist anymore.`;
  }
  const start = folder === process.cwd() ? command : `cd ${shellWord(folder)} && ${command}`;
  const losing = command.includes("--data-dir") ? "" : ", which loses its events: export or redrive them before that";
  return `Stop the local run${losing}.\n${start}`;
}
