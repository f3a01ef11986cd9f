import type { PropertyConditions } from "./branches";
import type { Scalar } from "./condition";
import type { FilterPolicy } from "./filter-policy";
import { isObject } from "./json";

/** A message's attributes, as Publish takes them or as restored from an envelope. */
export type MessageAttributes = Readonly<
  Record<string, { readonly DataType?: string | undefined; readonly StringValue?: string | undefined }>
>;

interface FilteredMessage {
  /** The message's text, as published. */
  readonly body: string;
  readonly attributes: MessageAttributes;
}

/**
 * Returns whether a subscription with this filter policy receives the message.
 *
 * A list in a body matches if any of its elements does. In a list of objects, one element must satisfy all conditions on its
 * properties.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 * @example
 * const policy = parseFilterPolicy({ severity: ["high"] }, "MessageBody");
 * matches(policy, { body: '{"severity": "high"}', attributes: {} }); // true
 */
export function matches({ scope, branches }: FilterPolicy, { body, attributes }: FilteredMessage): boolean {
  if (branches.length === 0) return true;
  const properties = scope === "MessageBody" ? parseJson(body) : valuesOf(attributes);
  if (!isObject(properties)) return false;
  return branches.some((branch) => {
    const asked = withoutAbsent(branch, [properties]);
    return asked === undefined || satisfies(asked, [properties]);
  });
}

/** Returns undefined for a text that is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // SNS filters such a message out.
  }
}

/**
 * Returns the attributes as properties: texts, numbers, and lists for the type `String.Array`. SNS ignores Binary attributes.
 *
 * @returns undefined if SNS filters the message out for every policy: it has no attributes, or one that does not match its
 * type.
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
function valuesOf(attributes: MessageAttributes): object | undefined {
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
  if (type.endsWith(".Array")) {
    const list = parseJson(text);
    return Array.isArray(list) ? list : undefined; // CloudWatch counts it as FilteredOut-InvalidAttributes.
  }
  if (type.split(".")[0] !== "Number") return text;
  const number = Number(text);
  return text.trim() === "" || Number.isNaN(number) ? undefined : number;
}

/** Removes properties that may be absent and are absent from the message. Returns the conditions that remain. */
function withoutAbsent(wanted: PropertyConditions, values: readonly unknown[]): PropertyConditions | undefined {
  const { scalars, objects } = partsOf(values);
  const takesAbsence = scalars.length === 0 && wanted.conditions.some((condition) => condition.takesAbsence);
  const conditions = takesAbsence ? [] : wanted.conditions;
  const nested = new Map<string, PropertyConditions>();
  for (const [name, next] of wanted.nested) {
    const left = withoutAbsent(
      next,
      objects.flatMap((object) => property(object, name)),
    );
    if (left) nested.set(name, left);
  }
  return conditions.length === 0 && nested.size === 0 ? undefined : { conditions, nested };
}

/** @param values - The values of the property: one, unless several names with dots lead to it. */
function satisfies({ conditions, nested }: PropertyConditions, values: readonly unknown[]): boolean {
  const { scalars, objects } = partsOf(values);
  const accepts = (value: Scalar) => conditions.some((condition) => condition.accepts(value));
  if (conditions.length > 0 && !scalars.some(accepts)) return false;
  const has = (object: object, [name, wanted]: [string, PropertyConditions]) =>
    satisfies(wanted, property(object, name));
  const asked = [...nested];
  if (asked.length === 0) return true;
  return values.length > 1
    ? asked.every((one) => objects.some((object) => has(object, one)))
    : objects.some((object) => asked.every((one) => has(object, one)));
}

/** Returns the values, with lists flattened at every level. */
function partsOf(values: readonly unknown[]): { scalars: Scalar[]; objects: object[] } {
  const scalars: Scalar[] = [];
  const objects: object[] = [];
  const left = [...values];
  // Recursion would overflow the stack: a body may nest lists 100,000 deep.
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const element of value) left.push(element);
    else if (isObject(value)) objects.push(value);
    else scalars.push(value as Scalar);
  }
  return { scalars, objects };
}

/** Returns the values of a property, including names with dots that start with it. */
function property(object: object, name: string): unknown[] {
  const own = Object.hasOwn(object, name) ? [object[name as keyof typeof object]] : [];
  const beginning = `${name}.`;
  const longer = dottedNames(object).filter((key) => key.startsWith(beginning));
  return [
    ...own,
    ...longer.map((key) => Object.fromEntries([[key.slice(beginning.length), object[key as keyof typeof object]]])),
  ];
}

/** Cached for each object, because every name of every branch reads it. */
const dottedNamesOf = new WeakMap<object, readonly string[]>();

function dottedNames(object: object): readonly string[] {
  const known = dottedNamesOf.get(object);
  if (known) return known;
  const names = Object.keys(object).filter((key) => key.includes("."));
  dottedNamesOf.set(object, names);
  return names;
}
