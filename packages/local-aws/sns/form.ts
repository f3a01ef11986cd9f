/** The parameters of a request in the query protocol. */
export type Form = Readonly<Record<string, string | undefined>>;

/**
 * The parameters of each element of a list or a map, without what stands before
 * them: `Name` for `MessageAttributes.entry.1.Name`. In the order of their numbers.
 *
 * @param list - Such as `MessageAttributes.entry`.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 */
export function elementsOf(form: Form, list: string): Form[] {
  const elements = new Map<number, Record<string, string | undefined>>();
  const beginning = `${list}.`;
  for (const [key, value] of Object.entries(form)) {
    if (!key.startsWith(beginning)) continue;
    const [, number, name = ""] = /^(\d{1,9})\.(.+)$/.exec(key.slice(beginning.length)) ?? [];
    if (number === undefined) continue;
    const element = elements.get(Number(number)) ?? {};
    elements.set(Number(number), Object.assign(element, { [name]: value }));
  }
  return [...elements].sort(([a], [b]) => a - b).map(([, element]) => element);
}

/** A map of texts, such as the attributes of Subscribe. */
export function textMapOf(form: Form, map: string): Record<string, string> {
  return Object.fromEntries(elementsOf(form, `${map}.entry`).map(({ key = "", value = "" }) => [key, value]));
}
