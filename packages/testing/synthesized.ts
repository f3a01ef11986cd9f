import { join, relative } from "node:path";
import type { EventPipelineStackProps } from "../../stacks/event-pipeline-stack";
import type { Stage } from "../../stacks/options/read-stage";
import type { GivenStageOptions } from "../../stacks/options/stage-options";
import { validateStageOptions } from "../../stacks/options/validate-options";

type Config = Record<string, unknown>;

/** Synthesized Terraform JSON, with blocks by type and name. */
export interface Synthesized {
  readonly resource: Record<string, Record<string, Config>>;
  readonly data: Record<string, Record<string, Config>>;
  readonly output: Record<string, Config>;
  /** Resources that Terraform forgets without destroying them. */
  readonly removed?: Config[];
  readonly variable: Record<string, Config>;
  readonly provider: Record<string, Config[]>;
  readonly terraform: Config;
}

export const PROJECT_ROOT = "../../..";

/** Returns a stage with `options`, and defaults for the others. */
export function stageWith(options: GivenStageOptions = {}, subscribers: Stage["subscribers"] = {}): Stage {
  return { name: "test", options: validateStageOptions({ ...options }), subscribers };
}

/** Synthesizes and validates the stack. Returns the JSON text. */
export function synthStackText(props: Partial<EventPipelineStackProps> = {}): string {
  // Loads CDKTF only in test files that synthesize.
  const { Testing } = require("cdktf") as typeof import("cdktf");
  const { EventPipelineStack } =
    require("../../stacks/event-pipeline-stack") as typeof import("../../stacks/event-pipeline-stack");
  return Testing.synth(
    new EventPipelineStack(Testing.app(), "event-pipeline", {
      projectRoot: PROJECT_ROOT,
      stage: stageWith(),
      ...props,
    }),
    true,
  );
}

/**
 * Synthesizes the stack into a folder, with the handler's folder for contracts.
 *
 * @returns the stack's folder.
 */
export function synthStackFolder(
  outdir: string,
  { stage = stageWith(), eventsFolder }: { readonly stage?: Stage | undefined; readonly eventsFolder: string },
): string {
  const { App } = require("cdktf") as typeof import("cdktf");
  const { EventPipelineStack } =
    require("../../stacks/event-pipeline-stack") as typeof import("../../stacks/event-pipeline-stack");
  const app = new App({ outdir });
  const folder = join(outdir, "stacks", "event-pipeline");
  new EventPipelineStack(app, "event-pipeline", { projectRoot: relative(folder, "."), stage, eventsFolder });
  app.synth();
  return folder;
}

/** The folder of the example's contracts. */
export const EXAMPLE_EVENTS = "events";

export function synthStack(props: Partial<EventPipelineStackProps> = {}): Synthesized {
  return JSON.parse(synthStackText(props)) as Synthesized;
}

/** Returns the configuration at an address such as `aws_sns_topic.events` or `data.archive_file.event_processor`. */
export function at({ resource, data }: Synthesized, address: string): Config {
  const parts = address.split(".");
  const [kind, type, name] = parts[0] === "data" ? [data, parts[1], parts[2]] : [resource, parts[0], parts[1]];
  const config = kind[type as string]?.[name as string];
  if (!config) throw new Error(`The stack has no ${address}.`);
  return config;
}
