/** A message's attributes, as Publish takes them or as restored from an envelope. */
export type MessageAttributes = Readonly<
  Record<string, { readonly DataType?: string | undefined; readonly StringValue?: string | undefined }>
>;

/**
 * Returns the attributes as properties: texts, numbers, and lists for the type `String.Array`. SNS ignores Binary attributes.
 *
 * @returns undefined if SNS filters the message out for every policy: it has no attributes, or one that does not match its
 * type.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export function valuesOf(attributes: MessageAttributes): object | undefined {
  const entries: [string, unknown][] = [];
  for (const [name, { DataType = "", StringValue = "" }] of Object.entries(attributes)) {
    if (DataType.split(".")[0] === "Binary") continue;
    const value = attributeValue(DataType, StringValue);
    if (value === undefined) return undefined;
    entries.push([name, value]);
  }
  // "exists": false does not match either when there are no attributes.
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Parses a value. A type may have a custom label, such as `Number.int`. */
function attributeValue(type: string, text: string): unknown {
  if (type.endsWith(".Array")) return parseList(text);
  if (type.split(".")[0] !== "Number") return text;
  const number = Number(text);
  return text.trim() === "" || Number.isNaN(number) ? undefined : number;
}

function parseList(json: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // CloudWatch counts it as FilteredOut-InvalidAttributes.
  }
}
