import type { Step } from "./branches";
import type { Scalar } from "./condition";
import type { FilterPolicy } from "./filter-policy";
import { isObject } from "./json";
import { type MessageAttributes, valuesOf } from "./message-attributes";

export interface FilteredMessage {
  /** The message's text, as it is published. */
  readonly body: string;
  readonly attributes: MessageAttributes;
}

/**
 * Whether a subscription with this filter policy gets the message.
 *
 * A list in a body matches by any of its elements. Of a list of objects one and
 * the same element has to satisfy all that is asked of its properties.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 */
export function matches({ scope, branches }: FilterPolicy, { body, attributes }: FilteredMessage): boolean {
  if (branches.length === 0) return true;
  const properties = scope === "MessageBody" ? parseObject(body) : valuesOf(attributes);
  if (!properties) return false;
  return branches.some((branch) => {
    const asked = withoutAbsent(branch, [properties]);
    return asked === undefined || satisfies(asked, [properties]);
  });
}

function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // SNS filters such a message out.
  }
}

/**
 * What is left to satisfy once the properties are left out that the policy
 * takes when they are absent, and are absent from the whole message.
 */
function withoutAbsent(step: Step, values: readonly unknown[]): Step | undefined {
  const { scalars, objects } = partsOf(values);
  const takesAbsence = scalars.length === 0 && step.conditions.some((condition) => condition.takesAbsence);
  const conditions = takesAbsence ? [] : step.conditions;
  const steps = new Map<string, Step>();
  for (const [name, next] of step.steps) {
    const left = withoutAbsent(
      next,
      objects.flatMap((object) => property(object, name)),
    );
    if (left) steps.set(name, left);
  }
  return conditions.length === 0 && steps.size === 0 ? undefined : { conditions, steps };
}

/** @param values - What is at the step's place: one value, unless names with dots lead there in several ways. */
function satisfies({ conditions, steps }: Step, values: readonly unknown[]): boolean {
  const { scalars, objects } = partsOf(values);
  const accepts = (value: Scalar) => conditions.some((condition) => condition.accepts(value));
  if (conditions.length > 0 && !scalars.some(accepts)) return false;
  const has = (object: object, [name, step]: [string, Step]) => satisfies(step, property(object, name));
  const asked = [...steps];
  if (asked.length === 0) return true;
  return values.length > 1
    ? asked.every((one) => objects.some((object) => has(object, one)))
    : objects.some((object) => asked.every((one) => has(object, one)));
}

/** The values themselves, or what is in them where they are lists, lists of lists and so on. */
function partsOf(values: readonly unknown[]): { scalars: Scalar[]; objects: object[] } {
  const scalars: Scalar[] = [];
  const objects: object[] = [];
  const left = [...values];
  // Not by recursion: a body may nest lists 100,000 deep.
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const element of value) left.push(element);
    else if (isObject(value)) objects.push(value);
    else scalars.push(value as Scalar);
  }
  return { scalars, objects };
}

/** What an object has under a name, also as the beginning of one with dots. */
function property(object: object, name: string): unknown[] {
  const own = Object.hasOwn(object, name) ? [object[name as keyof typeof object]] : [];
  const beginning = `${name}.`;
  const longer = dottedNames(object).filter((key) => key.startsWith(beginning));
  return [
    ...own,
    ...longer.map((key) => Object.fromEntries([[key.slice(beginning.length), object[key as keyof typeof object]]])),
  ];
}

/** Kept for each object: it is asked for each name of each branch. */
const dottedNamesOf = new WeakMap<object, readonly string[]>();

function dottedNames(object: object): readonly string[] {
  const known = dottedNamesOf.get(object);
  if (known) return known;
  const names = Object.keys(object).filter((key) => key.includes("."));
  dottedNamesOf.set(object, names);
  return names;
}
