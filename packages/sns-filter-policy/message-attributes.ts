/** A message's attributes, as Publish takes them and as an envelope's reader can restore them. */
export type MessageAttributes = Readonly<
  Record<string, { readonly DataType?: string | undefined; readonly StringValue?: string | undefined }>
>;

/**
 * The attributes as properties with values, as a body has them: texts, numbers,
 * and lists for the type `String.Array`. SNS looks at no Binary ones.
 *
 * @returns undefined where SNS filters the message out whatever is asked: there
 * is none at all, or one that is not what its type says.
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

/** Types may have a label of the publisher's own, such as `Number.int`. */
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
