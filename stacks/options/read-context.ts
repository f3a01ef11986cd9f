import { readFileSync } from "node:fs";
import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { parseDocument } from "yaml";
import { formatValue, InvalidOptionsError } from "./invalid-options-error";
import type { PipelineContext } from "./read-stage";
import { throwIfAny } from "./validate-options";

/**
 * Reads `context` from cdktf.json. The cdktf CLI would pass it to the app, but `npm run synth` does not use that CLI.
 *
 * @throws InvalidOptionsError if the file is missing, is not JSON, repeats a key or has an unexpected structure.
 */
export function readContext(file: string): PipelineContext {
  const { context = {} } = asObject(file, readJson(file));
  const { stage, stages = {} } = asObject(`${file}: context`, context);
  if (stage !== undefined && typeof stage !== "string") {
    throw new InvalidOptionsError([`Invalid ${file}: context.stage ${formatValue(stage)}: expected a stage's name.`]);
  }
  const byName = asObject(`${file}: context.stages`, stages);
  for (const [name, options] of Object.entries(byName)) asObject(`${file}: context.stages.${name}`, options);
  return { stage, stages: byName as PipelineContext["stages"] };
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InvalidOptionsError([
      `Cannot read ${file}: ${(error as Error).message}. Run this in the project's folder.`,
    ]);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidOptionsError([
      `${file} is not JSON: ${(error as Error).message}. Remove comments and trailing commas, if there are any.`,
    ]);
  }
  throwIfAny(repeatedKeys(text).map((key) => `${file} has ${key} twice in one object. Remove one of them.`));
  return value;
}

/** Returns repeated keys. JSON.parse silently takes the last; the YAML parser, which reads JSON, reports them. */
function repeatedKeys(text: string): string[] {
  const { errors } = parseDocument(text);
  return errors
    .filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos, linePos }) => {
      const [key = ""] = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(pos[0])) ?? [];
      // The key may contain escapes.
      return `the key ${JSON.stringify(JSON.parse(key))} (again in line ${linePos?.[0].line})`;
    });
}

function asObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new InvalidOptionsError([`Invalid ${what} ${formatValue(value)}: expected an object.`]);
}
