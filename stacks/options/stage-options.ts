import * as z from "zod";
import { DEPLOYMENT_SHAPE } from "./deployment";
import { PIPELINE_SHAPE, type PipelineOptions } from "./pipeline-options";

/** All options of a stage. Set them in cdktf.json (`context.stages.<stage>`) or with environment variables. */
export const STAGE_SHAPE = { ...DEPLOYMENT_SHAPE, ...PIPELINE_SHAPE };

const STAGE = z.object(STAGE_SHAPE);

/** A stage's options after validation, with defaults for those that were left out. */
export type StageOptions = Readonly<z.output<typeof STAGE>>;

/** A stage's options as a user sets them. Each is optional. */
export type GivenStageOptions = Readonly<z.input<typeof STAGE>>;

/** Returns those of a stage's options that a pipeline takes. */
export function pipelineOptionsOf(options: StageOptions): PipelineOptions {
  const own = Object.entries(options).filter(([key]) => Object.hasOwn(PIPELINE_SHAPE, key));
  return Object.fromEntries(own) as unknown as PipelineOptions;
}
