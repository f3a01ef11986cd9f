import type { PropertyConditions } from "./branches";
import type { Scalar } from "./condition";
import type { FilterPolicy } from "./filter-policy";
import { isObject } from "./json";

/** A message's attributes, in the format of the Publish request. */
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
 * A list in a message body matches if one of its elements matches. In a list of objects, one object must satisfy all
 * conditions on its properties.
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

/** Parses JSON. Returns undefined for any other text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // SNS filters out a message that is not JSON.
  }
}

/**
 * Returns the attributes' values: strings, numbers, and lists for the type `String.Array`. SNS ignores Binary
 * attributes.
 *
 * @returns undefined if SNS filters out the message for any policy, because it has no attributes or a value that does
 * not match its type.
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
  // Not even "exists": false matches a message without attributes.
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Parses an attribute's value. The type may have a custom label, such as `Number.int`. */
function attributeValue(type: string, text: string): unknown {
  if (type.endsWith(".Array")) {
    const list = parseJson(text);
    return Array.isArray(list) ? list : undefined; // Counted as NumberOfNotificationsFilteredOut-InvalidAttributes.
  }
  if (type.split(".")[0] !== "Number") return text;
  const number = Number(text);
  return text.trim() === "" || Number.isNaN(number) ? undefined : number;
}

/** Removes conditions that accept an absent property if the message lacks it. Returns the remaining conditions. */
function withoutAbsent(wanted: PropertyConditions, values: readonly unknown[]): PropertyConditions | undefined {
  const { scalars, objects } = partsOf(values);
  const acceptsAbsence = scalars.length === 0 && wanted.conditions.some((condition) => condition.acceptsAbsence);
  const conditions = acceptsAbsence ? [] : wanted.conditions;
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

/** @param values - The property's values. There are several if the message has several names with dots for it. */
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

/** Flattens lists at every level, and separates objects from other values. */
function partsOf(values: readonly unknown[]): { scalars: Scalar[]; objects: object[] } {
  const scalars: Scalar[] = [];
  const objects: object[] = [];
  const left = [...values];
  // Recursion could overflow the stack: a body can nest lists 100,000 levels deep.
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const element of value) left.push(element);
    else if (isObject(value)) objects.push(value);
    else scalars.push(value as Scalar);
  }
  return { scalars, objects };
}

/** Returns a property's values, including those of names with dots that start with the property's name. */
function property(object: object, name: string): unknown[] {
  const own = Object.hasOwn(object, name) ? [object[name as keyof typeof object]] : [];
  const beginning = `${name}.`;
  const longer = dottedNames(object).filter((key) => key.startsWith(beginning));
  return [
    ...own,
    ...longer.map((key) => Object.fromEntries([[key.slice(beginning.length), object[key as keyof typeof object]]])),
  ];
}

/** Cache by object, because every property of every branch needs the names. */
const dottedNamesOf = new WeakMap<object, readonly string[]>();

function dottedNames(object: object): readonly string[] {
  const known = dottedNamesOf.get(object);
  if (known) return known;
  const names = Object.keys(object).filter((key) => key.includes("."));
  dottedNamesOf.set(object, names);
  return names;
}
