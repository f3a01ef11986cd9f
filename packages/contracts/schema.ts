/** A JSON Schema as JavaScript's own values. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const TYPE_KEYWORD = "x-event-type";
export const VERSION_KEYWORD = "x-version";
