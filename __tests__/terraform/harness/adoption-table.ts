import { readFileSync } from "node:fs";
import { isOlder } from "./overrides";

const DOCUMENT = "docs/adoption.md";
const HEADING = "## What is updated in place";
const ANY = "any";

interface Row {
  readonly attribute: string;
  /** The first AWS provider that shows the row. */
  readonly since: string;
}

/** Returns the updated attributes in the document's table, as `address.attribute`, split by whether this AWS provider shows them. */
export function documentedUpdates(
  awsProvider: string,
  markdown = readFileSync(DOCUMENT, "utf8"),
): { readonly shown: string[]; readonly notShown: string[] } {
  const isShown = ({ since }: Row) => since === ANY || !isOlder(awsProvider, since);
  const all = rows(markdown);
  const attributes = (of: readonly Row[]) => of.map(({ attribute }) => attribute).sort();
  return { shown: attributes(all.filter(isShown)), notShown: attributes(all.filter((row) => !isShown(row))) };
}

function rows(markdown: string): Row[] {
  const [, section] = markdown.split(`${HEADING}\n`);
  if (section === undefined) {
    throw new Error(
      `${DOCUMENT} has no heading "${HEADING}", under which adoption.terraform.test.ts looks for its table.`,
    );
  }
  const [table = ""] = section.split(/^## /m);
  const found = table.matchAll(/^\| *`([\w.]+)` *\| *`(\w+)` *\| *(any|[\d.]+) *\|[^|]*\S[^|]*\|$/gm);
  return [...found].map(([, address, attribute, since = ANY]) => ({ attribute: `${address}.${attribute}`, since }));
}
