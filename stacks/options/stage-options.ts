import * as z from "zod";
import { DEPLOYMENT_SHAPE } from "./deployment";
import { PIPELINE_SHAPE, type PipelineOptions } from "./pipeline-options";

/**
 * Everything that can be chosen about a stage: its pipeline and the stack around it. Set it in cdktf.json
 * (`context.stages.<stage>`), or for one command with an environment variable.
 */
export const STAGE_SHAPE = { ...DEPLOYMENT_SHAPE, ...PIPELINE_SHAPE };

const STAGE = z.object(STAGE_SHAPE);

/** A stage's options, with the defaults of those that were left out. */
export type StageOptions = Readonly<z.output<typeof STAGE>>;

/** A stage's options as they are given: each may be left out. */
export type GivenStageOptions = Readonly<z.input<typeof STAGE>>;

/** Those of the pipeline. */
export function pipelineOptionsOf(options: StageOptions): PipelineOptions {
  const own = Object.entries(options).filter(([key]) => Object.hasOwn(PIPELINE_SHAPE, key));
  return Object.fromEntries(own) as unknown as PipelineOptions;
}
