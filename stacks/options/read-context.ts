import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { InvalidOptionsError } from "./invalid-options-error";
import type { PipelineContext } from "./read-stage";
import { shown } from "./shown";

/**
 * cdktf.json's `context`. Only the cdktf CLI hands it to the app; npm run synth
 * must say the same, so the file is read.
 *
 * @throws InvalidOptionsError when there is no such file, or it holds something else.
 */
export function readContext(file: string): PipelineContext {
  const { context = {} } = asObject(file, parsed(file));
  const { stage, stages = {} } = asObject(`${file}'s context`, context);
  if (stage !== undefined && typeof stage !== "string") {
    throw new InvalidOptionsError([`${file}'s context.stage is ${shown(stage)}. It must be a stage's name.`]);
  }
  const byName = asObject(`${file}'s context.stages`, stages);
  for (const [name, options] of Object.entries(byName)) asObject(`${file}'s context.stages.${name}`, options);
  return { stage, stages: byName as PipelineContext["stages"] };
}

function parsed(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InvalidOptionsError([`Cannot read ${file} (${messageOf(error)}). Run this in the project's folder.`]);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidOptionsError([
      `${file} is not JSON: ${messageOf(error)}. It takes neither comments nor a last comma.`,
    ]);
  }
  const repeated = repeatedKeys(text);
  if (repeated.length > 0) {
    throw new InvalidOptionsError(repeated.map((key) => `${file} has ${key} twice in one object. Keep one of them.`));
  }
  return value;
}

/** Keys that their object has already, of which JSON.parse takes the last. JSON is YAML, which forbids them. */
function repeatedKeys(text: string): string[] {
  const { errors } = parseDocument(text);
  return errors
    .filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos, linePos }) => {
      const [key = ""] = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(pos[0])) ?? [];
      // Without the escapes that the file may write it with.
      return `the key ${JSON.stringify(JSON.parse(key))} (again in line ${linePos?.[0].line})`;
    });
}

function asObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidOptionsError([`${what} is ${shown(value)}. It must be an object.`]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
