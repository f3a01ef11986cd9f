import type * as z from "zod";
import { InvalidOptionsError } from "./invalid-options-error";
import { kindOf } from "./kinds";
import { STAGE_SHAPE } from "./stage-options";
import { RENAMED_OPTIONS } from "./value-problems";

const PREFIX = "EVENT_PIPELINE_";

/** Chooses the stage of one command. */
export const STAGE_VARIABLE = `${PREFIX}STAGE`;

/** The environment variable of an option: `eventTtlDays` is EVENT_PIPELINE_EVENT_TTL_DAYS. */
export function variableOf(option: string): string {
  return PREFIX + option.replace(/MiB$/, "Mib").replace(/[A-Z]/g, "_$&").toUpperCase();
}

/**
 * The options that environment variables give, not checked yet.
 *
 * @throws InvalidOptionsError naming each variable that is for no option.
 */
export function optionsFrom(environment: NodeJS.ProcessEnv): Readonly<Record<string, unknown>> {
  const byVariable = new Map<string, [string, z.ZodType]>(
    Object.entries(STAGE_SHAPE).map(([key, schema]) => [variableOf(key), [key, schema]]),
  );
  const options: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || variable === STAGE_VARIABLE || text === undefined) continue;
    const option = byVariable.get(variable);
    const renamed = [...RENAMED_OPTIONS].find(([former]) => variableOf(former) === variable);
    if (option) options[option[0]] = kindOf(option[1]).parse(text);
    else if (renamed) problems.push(`The variable ${variable} is now called ${variableOf(renamed[1])}.`);
    else problems.push(`There is no option for ${variable}. There are: ${[...byVariable.keys()].join(", ")}.`);
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return options;
}
