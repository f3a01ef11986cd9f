import * as z from "zod";
import { ACCESS_SHAPE } from "./access";
import { CONSUMER_SHAPE } from "./consumer";
import { CONTRACTS_SHAPE } from "./contracts";
import { MONITORING_SHAPE } from "./monitoring";
import { RETENTION_SHAPE } from "./retention";

/**
 * All options of a pipeline. To add one, add its schema with a docstring to the shape of its group. Its type, error
 * message, environment variable and row in docs/options.md follow from that.
 */
export const PIPELINE_SHAPE: PipelineShape = {
  ...CONSUMER_SHAPE,
  ...CONTRACTS_SHAPE,
  ...RETENTION_SHAPE,
  ...ACCESS_SHAPE,
  ...MONITORING_SHAPE,
};

/** An explicit type, because the package's types would lose the docstrings of an inferred type. */
type PipelineShape = typeof CONSUMER_SHAPE &
  typeof CONTRACTS_SHAPE &
  typeof RETENTION_SHAPE &
  typeof ACCESS_SHAPE &
  typeof MONITORING_SHAPE;

/** A pipeline's options after validation, with defaults for those that were left out. */
export type PipelineOptions = Readonly<z.output<z.ZodObject<PipelineShape>>>;

/** A pipeline's options as a user sets them. Each is optional. */
export type GivenPipelineOptions = Readonly<z.input<z.ZodObject<PipelineShape>>>;

/**
 * The default values of a pipeline's options.
 *
 * @example
 * new EventPipeline(stack, "orders", { name, region, batchSize: 2 * DEFAULT_OPTIONS.batchSize, batchWindowSeconds: 1 });
 */
export const DEFAULT_OPTIONS: PipelineOptions = z.object(PIPELINE_SHAPE).parse({});
