import { readFileSync } from "node:fs";

const DOCUMENT = "docs/adoption.md";
const HEADING = "## What is updated in place";

/** The rows of the document's table, as `address.attribute`, in order. */
export function documentedUpdates(markdown = readFileSync(DOCUMENT, "utf8")): string[] {
  const [, section] = markdown.split(`${HEADING}\n`);
  if (section === undefined) {
    throw new Error(`${DOCUMENT} has no heading "${HEADING}", under which adoption.test.ts looks for its table.`);
  }
  const [rowsAndText = ""] = section.split(/^## /m);
  const rows = rowsAndText.matchAll(/^\| *`([\w.]+)` *\| *`(\w+)` *\|[^|]*\S[^|]*\|$/gm);
  return [...rows].map(([, address, attribute]) => `${address}.${attribute}`).sort();
}
