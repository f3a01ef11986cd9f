import { ITEM_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";

const TABLE = /(?<=<!-- npm run docs:events writes this table. -->\n\n)(?:\|.*\n)*/;
const TYPES = { S: "String", N: "Number", event: "Map, String or Binary" } as const;

/** Returns `document` with the table of the item's attributes as they are declared. */
export function withAttributesTable(document: string): string {
  if (!TABLE.test(document)) throw new Error("The document has no place for the table of attributes.");
  const rows = Object.entries(ITEM_ATTRIBUTES).map(
    ([name, { type, meaning }]) => `| \`${name}\` | ${TYPES[type]} | ${meaning} |\n`,
  );
  return document.replace(TABLE, () => `| Attribute | Type | Value |\n| --- | --- | --- |\n${rows.join("")}`);
}
