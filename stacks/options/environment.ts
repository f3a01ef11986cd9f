import type * as z from "zod";
import { parseVariable } from "./option-schemas";
import { STAGE_SHAPE } from "./stage-options";
import { RENAMED_OPTIONS, throwIfAny } from "./validate-options";

const PREFIX = "EVENT_PIPELINE_";

/** The environment variable that selects the stage for a command. */
export const STAGE_VARIABLE = `${PREFIX}STAGE`;

/**
 * Returns the environment variable of an option.
 *
 * @example
 * variableOf("eventTtlDays"); // EVENT_PIPELINE_EVENT_TTL_DAYS
 */
export function variableOf(option: string): string {
  return PREFIX + option.replace(/MiB$/, "Mib").replace(/[A-Z]/g, "_$&").toUpperCase();
}

/**
 * Returns the options that are set by environment variables. Does not validate the values.
 *
 * @throws InvalidOptionsError naming each unknown variable.
 */
export function optionsFrom(environment: NodeJS.ProcessEnv): Readonly<Record<string, unknown>> {
  const schemaByVariable = new Map<string, [string, z.ZodType]>(
    Object.entries(STAGE_SHAPE).map(([key, schema]) => [variableOf(key), [key, schema]]),
  );
  const options: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || variable === STAGE_VARIABLE || text === undefined) continue;
    const [option, schema] = schemaByVariable.get(variable) ?? [];
    if (option && schema) {
      options[option] = parseVariable(schema, text);
      continue;
    }
    const renamed = [...RENAMED_OPTIONS].find(([formerName]) => variableOf(formerName) === variable);
    problems.push(
      renamed
        ? `The variable ${variable} is now called ${variableOf(renamed[1])}.`
        : `Unknown variable ${variable}. The variables are: ${[...schemaByVariable.keys()].join(", ")}.`,
    );
  }
  throwIfAny(problems);
  return options;
}
