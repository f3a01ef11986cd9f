import { readdirSync, readFileSync } from "node:fs";
import { ITEM_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import { actionNames, SERVICES } from "@event-pipeline/local-aws/services";
import * as z from "zod";
import { variableOf } from "../stacks/options/environment";
import { allowedValues } from "../stacks/options/option-schemas";
import { STAGE_SHAPE } from "../stacks/options/stage-options";

const FOLDER = "stacks/options";
const TABLE = /(?<=<!-- npm run docs writes this table. -->\n\n)(?:\|.*\n)*/g;
const TYPES = { S: "String", N: "Number", M: "Map of String", event: "Map, String or Binary" } as const;

/** Matches an option's docstring: its description, then its default. */
const DOCSTRING = /\/\*\*((?:(?!\*\/)[\s\S])*?)@default - ((?:(?!\*\/)[\s\S])*?)\*\/\s+(\w+): /g;

/** The tables of each document, in their order. */
export const TABLES: Readonly<Record<string, readonly (() => string)[]>> = {
  "docs/events.md": [attributesTable],
  "docs/local-run.md": [actionsTable, differencesTable],
  "docs/options.md": [optionsTable],
};

/** Returns a document with its tables. */
export function withTables(file: string): string {
  const document = readFileSync(file, "utf8");
  const tables = TABLES[file] ?? [];
  const places = document.match(TABLE)?.length ?? 0;
  if (places !== tables.length) {
    throw new Error(`${file} has ${places} comments that mark the place of a table, and ${tables.length} tables.`);
  }
  let index = 0;
  return document.replace(TABLE, () => tables[index++]?.() ?? "");
}

function actionsTable(): string {
  const rows = SERVICES.map((service) => {
    const names = actionNames(service).map((action) => `\`${action}\``);
    return [service.name, names.join(", ")];
  });
  return tableOf(["Service", "Actions"], rows);
}

function differencesTable(): string {
  const rows = SERVICES.flatMap((service) =>
    actionNames(service).flatMap((action) => {
      const { differs } = service.actions[action] ?? {};
      return differs ? [[service.name, `\`${action}\``, differs]] : [];
    }),
  );
  return tableOf(["Service", "Action", "Local run"], rows);
}

function attributesTable(): string {
  const rows = Object.entries(ITEM_ATTRIBUTES).map(([name, { type, meaning }]) => [
    `\`${name}\``,
    TYPES[type],
    meaning,
  ]);
  return tableOf(["Attribute", "Type", "Value"], rows);
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
    return [`\`${option}\` \`${variable}\``, about, allowedValues(schema), leftOut];
  });
  return tableOf(["option, variable `EVENT_PIPELINE_…`", "description", "allowed", "default"], rows);
}

function docstringsOf(source: string): [option: string, docstring: readonly [about: string, leftOut: string]][] {
  return [...source.matchAll(DOCSTRING)].map(([, about = "", leftOut = "", option = ""]) => [
    option,
    [onOneLine(about), onOneLine(leftOut)],
  ]);
}

/** Checks that the docstring states the schema's default. */
function checkDefault(option: string, schema: z.ZodType, leftOut: string): void {
  const value = schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : undefined;
  if (value !== undefined && !leftOut.startsWith(value)) {
    throw new Error(`The default of ${option} is ${value}, but its docstring says: @default - ${leftOut}`);
  }
}

function onOneLine(comment: string): string {
  return comment
    .replace(/^\s*\*/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`)
    .join("");
}
