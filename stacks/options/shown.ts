const MOST_CHARACTERS = 200;

/** Any value as a message shows it: JSON where it has some, cut where a sentence would become unreadable. */
export function shown(value: unknown): string {
  const text = jsonOf(value) ?? (typeof value === "object" ? "what JSON cannot show" : String(value));
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)` : text;
}

/** Undefined for what JSON does not know, what refers to itself and what nests too deep. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
