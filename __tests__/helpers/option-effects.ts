import { readFileSync } from "node:fs";

/** A row of the table in docs/options.md with the effects of options. */
export interface OptionEffect {
  /** The option's name, such as `kmsKey` for a row about `kmsKey: create`. */
  readonly options: readonly string[];
  /** The text of the first cell. */
  readonly row: string;
  /** Patterns for Terraform addresses. `*` matches any text. */
  readonly adds: readonly string[];
  readonly removes: readonly string[];
  readonly replaces: readonly string[];
  readonly stays: string;
  readonly lost: string;
}

const HEAD = "| option | adds | replaces | stays when it is turned off | lost when it is turned off |\n";

export function optionEffects(file = "docs/options.md"): OptionEffect[] {
  const [, after] = readFileSync(file, "utf8").split(HEAD);
  if (after === undefined) throw new Error(`${file} has no table that starts with ${HEAD}`);
  const [, ...rows] = after.slice(0, after.indexOf("\n\n")).split("\n");
  return rows.map((line) => {
    const [option = "", added = "", replaces = "", stays = "", lost = ""] = line.slice(2, -2).split(" | ");
    const [adds = "", removes = ""] = added.split("removes");
    return {
      row: option,
      options: code(option).map((each) => each.replace(/:.*/, "")),
      adds: code(adds),
      removes: code(removes),
      replaces: code(replaces),
      stays,
      lost,
    };
  });
}

/** Returns the addresses that no pattern matches, and the patterns that match no address. */
export function uncovered(patterns: readonly string[], addresses: readonly string[]) {
  const covers = (pattern: string, address: string) =>
    new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(address);
  return {
    addresses: addresses.filter((address) => !patterns.some((pattern) => covers(pattern, address))),
    patterns: patterns.filter((pattern) => !addresses.some((address) => covers(pattern, address))),
  };
}

function code(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}
