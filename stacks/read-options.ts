import { checkOptions, InvalidOptionsError } from "./check-options";
import { OPTION_RULES } from "./option-rules";
import { DEFAULT_OPTIONS, type PipelineOptions } from "./options";
import { readSubscribers, type SubscriberConfig } from "./subscribers";

const PREFIX = "EVENT_PIPELINE_";
const STAGE_VARIABLE = `${PREFIX}STAGE`;

const STAGE_NAME = /^(?=.{1,30}$)[a-z](-?[a-z0-9])*$/;

/** The part of cdktf.json's `context` that is about the pipeline. */
export interface PipelineContext {
  /** The stage of commands that name none. */
  readonly stage?: string | undefined;
  readonly stages?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

export interface Stage {
  readonly name: string;
  readonly options: PipelineOptions;
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
      `The stage is ${JSON.stringify(name)}. cdktf.json has ${Object.keys(stages).join(", ") || "none"}; choose one with ${STAGE_VARIABLE}.`,
    ]);
  }
  const { subscribers, ...chosen } = stages[name] ?? {};
  const options = { ...DEFAULT_OPTIONS, ...chosen, ...optionsFrom(environment) } as PipelineOptions;
  checkOptions(options);
  return { name, options, subscribers: readSubscribers(subscribers ?? {}, options) };
}

function optionsFrom(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const keyByVariable = new Map(
    Object.keys(OPTION_RULES).map((key) => [
      PREFIX + key.replace(/MiB$/, "Mib").replace(/[A-Z]/g, "_$&").toUpperCase(),
      key as keyof PipelineOptions,
    ]),
  );
  const options: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || variable === STAGE_VARIABLE || text === undefined) continue;
    const key = keyByVariable.get(variable);
    if (key) options[key] = OPTION_RULES[key].parse(text);
    else problems.push(`There is no option for ${variable}. There are: ${[...keyByVariable.keys()].join(", ")}.`);
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return options;
}
