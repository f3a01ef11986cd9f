import * as z from "zod";
import { ACCESS_SHAPE } from "./access";
import { CONSUMER_SHAPE } from "./consumer";
import { MONITORING_SHAPE } from "./monitoring";
import { RETENTION_SHAPE } from "./retention";

/**
 * What can be chosen about a pipeline. An option is added to the shape of its group: its schema, default and docstring
 * are also its type, the message when it is wrong, its environment variable and its row in docs/options.md.
 */
export const PIPELINE_SHAPE: PipelineShape = {
  ...CONSUMER_SHAPE,
  ...RETENTION_SHAPE,
  ...ACCESS_SHAPE,
  ...MONITORING_SHAPE,
};

/** Said by name: written out, as TypeScript would, the options would lose their docstrings in the package's types. */
type PipelineShape = typeof CONSUMER_SHAPE & typeof RETENTION_SHAPE & typeof ACCESS_SHAPE & typeof MONITORING_SHAPE;

/** A pipeline's options, with the defaults of those that were left out. */
export type PipelineOptions = Readonly<z.output<z.ZodObject<PipelineShape>>>;

/** A pipeline's options as they are given: each may be left out. */
export type GivenPipelineOptions = Readonly<z.input<z.ZodObject<PipelineShape>>>;

export const DEFAULT_OPTIONS: PipelineOptions = z.object(PIPELINE_SHAPE).parse({});
