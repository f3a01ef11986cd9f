import * as z from "zod";
import { ACCESS_SHAPE } from "./access";
import { CONSUMER_SHAPE } from "./consumer";
import { MONITORING_SHAPE } from "./monitoring";
import { RETENTION_SHAPE } from "./retention";

/**
 * What can be chosen about a pipeline. An option is added to the shape of its group: its schema, default and docstring
 * are also its type, the message when it is wrong, its environment variable and its row in docs/configuration.md.
 */
export const PIPELINE_SHAPE = { ...CONSUMER_SHAPE, ...RETENTION_SHAPE, ...ACCESS_SHAPE, ...MONITORING_SHAPE };

const PIPELINE = z.object(PIPELINE_SHAPE);

/** A pipeline's options, with the defaults of those that were left out. */
export type PipelineOptions = Readonly<z.output<typeof PIPELINE>>;

/** A pipeline's options as they are given: each may be left out. */
export type GivenPipelineOptions = Readonly<z.input<typeof PIPELINE>>;

export const DEFAULT_OPTIONS: PipelineOptions = PIPELINE.parse({});
