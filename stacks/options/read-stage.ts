import { checkedStageOptions } from "./checked-options";
import { optionsFrom, STAGE_VARIABLE } from "./environment";
import { InvalidOptionsError } from "./invalid-options-error";
import { shown } from "./shown";
import type { StageOptions } from "./stage-options";
import { readSubscribers, type SubscriberConfig } from "./subscribers";

const STAGE_NAME = /^(?=.{1,30}$)[a-z](-?[a-z0-9])*$/;

/** The part of cdktf.json's `context` that is about the pipeline. */
export interface PipelineContext {
  /** The stage of commands that name none. */
  readonly stage?: string | undefined;
  readonly stages?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

export interface Stage {
  readonly name: string;
  readonly options: StageOptions;
  /** Queue subscribers beyond the event processor, by id. */
  readonly subscribers: Readonly<Record<string, SubscriberConfig>>;
}

/**
 * A stage's options: the defaults, over them what cdktf.json says for the
 * stage, over that what the environment says.
 *
 * @throws InvalidOptionsError naming each wrong key and value.
 */
export function readStage(context: PipelineContext, environment: NodeJS.ProcessEnv): Stage {
  const { stages = {} } = context;
  const name = environment[STAGE_VARIABLE] ?? context.stage;
  const misnamed = Object.keys(stages).filter((stage) => !STAGE_NAME.test(stage));
  if (misnamed.length > 0) {
    throw new InvalidOptionsError([
      `cdktf.json has the stages ${misnamed.map((stage) => JSON.stringify(stage)).join(", ")}. A stage's name must be 1 to 30 lowercase letters, digits and single hyphens, starting with a letter: files and the state's key are named by it.`,
    ]);
  }
  if (name === undefined || !Object.hasOwn(stages, name)) {
    throw new InvalidOptionsError([
      `The stage is ${shown(name)}. cdktf.json has ${Object.keys(stages).join(", ") || "none"}; choose one with ${STAGE_VARIABLE}.`,
    ]);
  }
  const { subscribers, ...chosen } = stages[name] ?? {};
  const options = checkedStageOptions({ ...chosen, ...optionsFrom(environment) });
  const tokens = Object.entries(options).filter(([, value]) => JSON.stringify(value)?.includes("TfToken["));
  if (tokens.length > 0) {
    throw new InvalidOptionsError(
      tokens.map(
        ([key, value]) => `${key} is ${shown(value)}, a token of CDKTF, which stands for something in code only.`,
      ),
    );
  }
  return { name, options, subscribers: readSubscribers(subscribers ?? {}, options) };
}
