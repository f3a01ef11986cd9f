import * as z from "zod";
import { ACCESS_SHAPE } from "./access";
import { CONSUMER_SHAPE } from "./consumer";
import { DEPLOYMENT_SHAPE } from "./deployment";
import { MONITORING_SHAPE } from "./monitoring";
import { RETENTION_SHAPE } from "./retention";

/**
 * Everything that can be chosen about a pipeline. Set it for a stage in cdktf.json (`context.stages.<stage>`), for one
 * command with an environment variable (`eventTtlDays` is EVENT_PIPELINE_EVENT_TTL_DAYS), or in code as a prop.
 *
 * An option is added here, in the shape of its group: schema, default and docstring are also its type, the message
 * when it is wrong, its variable, and its row in docs/configuration.md.
 */
export const OPTIONS_SHAPE = {
  ...DEPLOYMENT_SHAPE,
  ...CONSUMER_SHAPE,
  ...RETENTION_SHAPE,
  ...ACCESS_SHAPE,
  ...MONITORING_SHAPE,
};

const OPTIONS = z.object(OPTIONS_SHAPE);

/** Every option that has a default, with its value. */
export type PipelineOptions = Readonly<z.output<typeof OPTIONS>>;

/** The options as they are given: each may be left out. */
export type GivenOptions = Readonly<z.input<typeof OPTIONS>>;

/** Of options that are checked already, and without a default of what they leave out. */
export function withDefaults(given: GivenOptions): PipelineOptions {
  return OPTIONS.parse(given);
}

export const DEFAULT_OPTIONS: PipelineOptions = withDefaults({});
