import * as z from "zod";
import { InvalidOptionsError } from "./invalid-options-error";
import { PIPELINE_SHAPE, type PipelineOptions } from "./pipeline-options";
import { pipelineProblems, stageProblems } from "./relations";
import { STAGE_SHAPE, type StageOptions } from "./stage-options";
import { valueProblems } from "./value-problems";

/**
 * A pipeline's options with the defaults of those that are left out, wherever they come from.
 *
 * @throws InvalidOptionsError naming each option that is wrong, its value and what is allowed.
 */
export function checkedPipelineOptions(given: Readonly<Record<string, unknown>>): PipelineOptions {
  return checked(PIPELINE_SHAPE, given, pipelineProblems);
}

/**
 * A stage's, in the same way.
 *
 * @throws InvalidOptionsError naming each option that is wrong, its value and what is allowed.
 */
export function checkedStageOptions(given: Readonly<Record<string, unknown>>): StageOptions {
  return checked(STAGE_SHAPE, given, (options) => [...pipelineProblems(options), ...stageProblems(options)]);
}

function checked<S extends Readonly<Record<string, z.ZodType>>>(
  shape: S,
  given: Readonly<Record<string, unknown>>,
  problemsTogether: (options: z.output<z.ZodObject<S>>) => readonly string[],
): z.output<z.ZodObject<S>> {
  const problems = valueProblems(shape, given);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  // What options mean together makes sense of valid values only.
  const options = z.object(shape).parse(given) as z.output<z.ZodObject<S>>;
  const together = problemsTogether(options);
  if (together.length > 0) throw new InvalidOptionsError(together);
  return options;
}
