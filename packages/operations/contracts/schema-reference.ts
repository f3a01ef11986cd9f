/** An object of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * Returns the names on the way to a schema that a contract refers to.
 *
 * @example
 * namesIn("#/$defs/a~1b"); // ["$defs", "a/b"]
 */
export function namesIn(reference: string): string[] {
  const tokens = decodeURIComponent(reference).split("/").slice(1);
  return tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Returns the schema that a contract refers to. `readContract` has checked that the contract has it. */
export function schemaAt(root: Schema, reference: string): unknown {
  return namesIn(reference).reduce<unknown>((schema, name) => (schema as Schema)[name], root);
}

/** Returns the name as a part of a JSON pointer. */
export function pointerToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
