import { InvalidOptionsError } from "./invalid-options-error";
import { type GivenOptions, OPTIONS_SHAPE, type PipelineOptions, withDefaults } from "./pipeline-options";
import { relationProblems } from "./relations";
import { valueProblems } from "./value-problems";

/**
 * Options with the defaults of those that are left out, wherever they come from.
 *
 * @throws InvalidOptionsError naming each option that is wrong, its value and what is allowed.
 */
export function checkedOptions(given: Readonly<Record<string, unknown>>): PipelineOptions {
  const problems = valueProblems(OPTIONS_SHAPE, given);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  // What options mean together makes sense of valid values only.
  const options = withDefaults(given as GivenOptions);
  problems.push(...relationProblems(options));
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return options;
}
