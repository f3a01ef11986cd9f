import { optionsFrom, STAGE_VARIABLE } from "./environment";
import { formatValue, InvalidOptionsError } from "./invalid-options-error";
import type { StageOptions } from "./stage-options";
import { readSubscribers, type SubscriberConfig } from "./subscribers";
import { throwIfAny, validateStageOptions } from "./validate-options";

const STAGE_NAME = /^(?=.{1,30}$)[a-z](-?[a-z0-9])*$/;

/** The part of cdktf.json's `context` that configures the pipeline. */
export interface PipelineContext {
  /** Name of the default stage. */
  readonly stage?: string | undefined;
  readonly stages?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

export interface Stage {
  readonly name: string;
  readonly options: StageOptions;
  /** Queue subscribers besides the event processor, by ID. */
  readonly subscribers: Readonly<Record<string, SubscriberConfig>>;
}

/**
 * Returns a stage with its options. Environment variables override cdktf.json, which overrides the defaults.
 *
 * @throws InvalidOptionsError naming each invalid stage, option and value.
 * @example
 * readStage(readContext("cdktf.json"), process.env);
 */
export function readStage(context: PipelineContext, environment: NodeJS.ProcessEnv): Stage {
  const { stages = {} } = context;
  const name = environment[STAGE_VARIABLE] ?? context.stage;
  throwIfAny(
    Object.keys(stages)
      .filter((stage) => !STAGE_NAME.test(stage))
      .map(
        (stage) =>
          `Invalid stage ${JSON.stringify(stage)} in cdktf.json: expected lowercase letters, digits and single hyphens, starting with a letter, at most 30 characters.`,
      ),
  );
  const config = name !== undefined && Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (name === undefined || config === undefined) {
    const names = Object.keys(stages).join(", ") || "none";
    throw new InvalidOptionsError([
      `Unknown stage ${formatValue(name)}. The stages in cdktf.json are: ${names}. Select one with ${STAGE_VARIABLE}.`,
    ]);
  }
  const { subscribers, ...chosen } = config;
  const options = validateStageOptions({ ...chosen, ...optionsFrom(environment) });
  throwIfAny(
    Object.entries(options)
      .filter(([, value]) => JSON.stringify(value)?.includes("TfToken["))
      .map(([key, value]) => `Invalid ${key} ${formatValue(value)}: CDKTF tokens work only in code.`),
  );
  return { name, options, subscribers: readSubscribers(subscribers ?? {}, options) };
}
