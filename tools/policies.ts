import type { Permission } from "@event-pipeline/event-model/resource-arns";
import { COMMAND_POLICIES, OPERATOR_KEY_POLICIES, OPERATOR_POLICIES } from "@event-pipeline/operations/permissions";
import { DEPLOYER_POLICIES } from "../stacks/deployer-policies";

/** Every policy in docs/permissions.md, by its name there. */
const POLICIES: Readonly<Record<string, readonly Permission[]>> = {
  ...OPERATOR_POLICIES,
  ...OPERATOR_KEY_POLICIES,
  ...DEPLOYER_POLICIES,
};

const MADE = "made by npm run docs:permissions";
const TABLE = new RegExp(`(<!-- commands, ${MADE} -->\n\n)(?:\\|.*\n)*`);

/** Returns `document` with the policies and the table of commands from the code. */
export function withPolicies(document: string): string {
  const table = `| command | policies |\n| --- | --- |\n${commandRows().join("")}`;
  return Object.entries(POLICIES).reduce(
    (text, [name, statements]) => replaced(text, policyBlock(name), `${policyText(statements)}\n`),
    replaced(document, TABLE, table),
  );
}

function policyBlock(name: string): RegExp {
  return new RegExp(`(<!-- ${name}, ${MADE} -->\n\n\`\`\`json\n)(?:[^\`].*\n)*`);
}

/** @throws Error if the document has no placeholder for the text. */
function replaced(document: string, place: RegExp, text: string): string {
  if (!place.test(document)) throw new Error(`The document has no placeholder that matches ${place.source}`);
  return document.replace(place, (_, head: string) => head + text);
}

function commandRows(): string[] {
  return Object.entries(COMMAND_POLICIES).map(([command, policies]) => {
    const names = policies.map((policy) => `\`${policy}\``).join(" and ");
    return `| \`${command}\` | ${names || "none"} |\n`;
  });
}

/** Maximum length of a list on one line, in characters. */
const LINE = 100;

/** Indents like `JSON.stringify`, but keeps a short list on one line. */
function policyText(statements: readonly Permission[]): string {
  const text = JSON.stringify({ Version: "2012-10-17", Statement: statements }, null, 2);
  return text.replace(/\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g, (list, items: string) => {
    const line = `[${items.replace(/\s+/g, " ")}]`;
    return line.length <= LINE ? line : list;
  });
}
