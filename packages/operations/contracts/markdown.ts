import type { Contract } from "@event-pipeline/contracts/contract";
import type { MappingEntry } from "@event-pipeline/event-model/mapping/mapping";
import { PRESETS } from "@event-pipeline/event-model/mapping/presets";
import type { FolderContracts } from "./folder";
import { membersOf } from "./members";

/**
 * Returns a page in Markdown with each contract: its members, its rules and its examples.
 *
 * @example
 * writeFileSync("events.md", contractsPage(readFolder("events")));
 */
export function contractsPage({ contracts, mapping }: FolderContracts): string {
  const rows = contracts.map(({ type, version, schema }) => [code(type), text(version), text(schema.title)]);
  const parts = [
    "# Events",
    table(["type", "version", "title"], rows),
    ...contracts.map(contractSection),
    "## Type, ID and time",
    [
      ...mapping.map((entry) => `1. ${entryText(entry)}`),
      `${mapping.length === 0 ? "" : "\n"}The members of ${mapping.length === 0 ? "an" : "any other"} event have them: \`type\`, \`id\`, and \`time\` or \`timestamp\`.`,
    ].join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

function contractSection({ type, version, schema, hash }: Contract): string {
  const rows = membersOf(schema).map(({ pointer, isRequired, types, descriptions, rules }) => [
    pointer === "" ? "the event" : code(pointer),
    [...types].map(code).join(", ") || "any",
    isRequired ? "yes" : "no",
    [...descriptions].map(text).join(" "),
    [...rules].map(code).join(", "),
  ]);
  const examples = schema.examples as readonly unknown[];
  return [
    `## ${code(type)}`,
    `${text(schema.title)}, version ${text(version)} (${hash.slice(0, 8)}). ${text(schema.description)}`,
    table(["member", "type or values", "required", "description", "rules"], rows),
    ...examples.map((example) => `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``),
  ].join("\n\n");
}

function entryText(entry: MappingEntry): string {
  if (typeof entry === "string") return `${code(entry)}: ${PRESETS[entry].description}`;
  const { type, id, time } = entry;
  const places = Object.entries({ type, ID: id, time }).flatMap(([what, from]) =>
    from === undefined ? [] : [`${what} from ${from.map(code).join(" or ")}`],
  );
  return places.join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Returns a text on one line, without HTML and without the end of a cell. */
function text(value: unknown): string {
  return oneLine(String(value)).replace(/[&<|\\]/g, entity);
}

/** Returns a text as code. Code in backticks cannot contain every text, so others are HTML. */
function code(value: string): string {
  const line = oneLine(value);
  if (/^[^|`]*[^\s|`]$/.test(line)) return `\`${line}\``;
  return `<code>${line.replace(/[^\p{L}\p{N} ]/gu, entity)}</code>`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}

function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
