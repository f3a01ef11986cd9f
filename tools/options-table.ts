import { readdirSync, readFileSync } from "node:fs";
import * as z from "zod";
import { variableOf } from "../stacks/options/environment";
import { allowedValues } from "../stacks/options/option-schemas";
import { STAGE_SHAPE } from "../stacks/options/stage-options";

const FOLDER = "stacks/options";
const HEAD = "| option, variable `EVENT_PIPELINE_…` | description | allowed | default |\n| --- | --- | --- | --- |\n";
const BEGIN = "<!-- Made by npm run docs:options from stacks/options; edit it there. -->\n\n";
const END = "\n<!-- Up to here. -->\n";

/** A docstring of an option: what it is, then its default as behaviour. */
const DOCSTRING = /\/\*\*((?:(?!\*\/)[\s\S])*?)@default - ((?:(?!\*\/)[\s\S])*?)\*\/\s+(\w+): /g;

/** `document` with the table of options as their schemas and docstrings have it. */
export function withOptionsTable(document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`The document has no place for the table: ${BEGIN.trim()} … ${END.trim()}`);
  return document.slice(0, begin + BEGIN.length) + optionsTable() + document.slice(end);
}

function optionsTable(): string {
  const docstrings = new Map(
    readdirSync(FOLDER).flatMap((file) => docstringsOf(readFileSync(`${FOLDER}/${file}`, "utf8"))),
  );
  const rows = Object.entries(STAGE_SHAPE).map(([option, schema]) => {
    const docstring = docstrings.get(option);
    if (!docstring) throw new Error(`The option ${option} has no docstring with a @default in ${FOLDER}.`);
    const [about, leftOut] = docstring;
    checkDefault(option, schema, leftOut);
    const variable = variableOf(option).replace("EVENT_PIPELINE_", "");
    const cells = [`\`${option}\` \`${variable}\``, about, allowedValues(schema), leftOut];
    return `| ${cells.map(cellOf).join(" | ")} |\n`;
  });
  return HEAD + rows.join("");
}

function docstringsOf(source: string): [option: string, docstring: readonly [about: string, leftOut: string]][] {
  return [...source.matchAll(DOCSTRING)].map(([, about = "", leftOut = "", option = ""]) => [
    option,
    [onOneLine(about), onOneLine(leftOut)],
  ]);
}

/** Checks that the docstring names the schema's default. */
function checkDefault(option: string, schema: z.ZodType, leftOut: string): void {
  const value = schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : undefined;
  if (value !== undefined && !leftOut.startsWith(value)) {
    throw new Error(`The default of ${option} is ${value}, and its docstring says: @default - ${leftOut}`);
  }
}

function onOneLine(comment: string): string {
  return comment
    .replace(/^\s*\*/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function cellOf(text: string): string {
  return text.replaceAll("|", "\\|");
}
