/** Parameters of a request in the query protocol. */
export type Form = Readonly<Record<string, string | undefined>>;

/**
 * Returns the elements of a list or map, ordered by their numbers. The parameter
 * `MessageAttributes.entry.1.Name` becomes the member `Name` of an element.
 *
 * @param list - Text before the number, such as `MessageAttributes.entry`.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 */
export function elementsOf(form: Form, list: string): Form[] {
  const elements = new Map<number, Record<string, string | undefined>>();
  for (const [key, value] of Object.entries(form)) {
    const [, number, name = ""] = /^\.(\d{1,9})\.(.+)$/.exec(key.slice(list.length)) ?? [];
    if (number === undefined || !key.startsWith(list)) continue;
    const element = elements.get(Number(number)) ?? {};
    elements.set(Number(number), Object.assign(element, { [name]: value }));
  }
  return [...elements].sort(([a], [b]) => a - b).map(([, element]) => element);
}

/** Returns a map of strings, such as Subscribe's `Attributes`. */
export function stringMapOf(form: Form, map: string): Record<string, string> {
  return Object.fromEntries(elementsOf(form, `${map}.entry`).map(({ key = "", value = "" }) => [key, value]));
}
