import * as z from "zod";
import { formatValue, InvalidOptionsError } from "./invalid-options-error";
import { pipelineProblems, stageProblems } from "./option-rules";
import { allowedValues } from "./option-schemas";
import { PIPELINE_SHAPE, type PipelineOptions } from "./pipeline-options";
import { STAGE_SHAPE, type StageOptions } from "./stage-options";

type Shape = Readonly<Record<string, z.ZodType>>;

/** Former names of options, each with its current name. */
export const RENAMED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ["idIndex", "eventIdIndex"],
  ["logRecords", "logEachRecord"],
  ["tracingPolicy", "createXRayPolicy"],
]);

/**
 * Validates a pipeline's options and fills in the defaults.
 *
 * @throws InvalidOptionsError naming each invalid option, its value and what is allowed.
 */
export function validatePipelineOptions(given: Readonly<Record<string, unknown>>): PipelineOptions {
  return validate(PIPELINE_SHAPE, given, pipelineProblems);
}

/**
 * Validates a stage's options and fills in the defaults.
 *
 * @throws InvalidOptionsError naming each invalid option, its value and what is allowed.
 */
export function validateStageOptions(given: Readonly<Record<string, unknown>>): StageOptions {
  return validate(STAGE_SHAPE, given, (options) => [...pipelineProblems(options), ...stageProblems(options)]);
}

function validate<S extends Shape>(
  shape: S,
  given: Readonly<Record<string, unknown>>,
  findProblems: (options: z.output<z.ZodObject<S>>) => readonly string[],
): z.output<z.ZodObject<S>> {
  throwIfAny(valueProblems(shape, given));
  // Rules about several options assume that each value is valid.
  const options = z.object(shape).parse(given) as z.output<z.ZodObject<S>>;
  throwIfAny(findProblems(options));
  return options;
}

/** @throws InvalidOptionsError unless `problems` is empty. */
export function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

/**
 * Returns a sentence for each unknown option and for each option whose value is invalid by itself.
 *
 * @param shape - Schemas of the known options.
 * @param path - Text before an option's name in the messages, such as `subscribers.alerts.`.
 */
export function valueProblems(shape: Shape, given: Readonly<Record<string, unknown>>, path = ""): string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    // Inherited properties such as `constructor` are not options.
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (!schema) return [unknownOptionProblem(shape, key, path)];
    // undefined means that the option is left out; null is a value.
    if (value === undefined || schema.safeParse(value).success) return [];
    return [`Invalid ${path}${key} ${formatValue(value)}: expected ${allowedValues(schema)}.`];
  });
}

function unknownOptionProblem(shape: Shape, key: string, path: string): string {
  const newName = RENAMED_OPTIONS.get(key);
  return newName !== undefined && Object.hasOwn(shape, newName)
    ? `The option ${path}${key} is now called ${path}${newName}.`
    : `Unknown option ${path}${key}. The options are: ${Object.keys(shape).join(", ")}.`;
}
