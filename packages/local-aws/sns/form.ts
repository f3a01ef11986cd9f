/** Parameters of a request in the query protocol. */
export type Form = Readonly<Record<string, string | undefined>>;

/**
 * Returns the elements of a list or a map in the order of their numbers, with
 * their parameters: `Name` for `MessageAttributes.entry.1.Name`.
 *
 * @param list - Prefix of the elements, such as `MessageAttributes.entry`.
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

/** Returns a map of strings, such as the attributes of Subscribe. */
export function textMapOf(form: Form, map: string): Record<string, string> {
  return Object.fromEntries(elementsOf(form, `${map}.entry`).map(({ key = "", value = "" }) => [key, value]));
}
