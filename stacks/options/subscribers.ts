import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { reservedSubscriberIds } from "../addresses";
import { CONSUMER_SHAPE, type ConsumerOptions } from "./consumer";
import { formatValue } from "./invalid-options-error";
import { consumerProblems } from "./option-rules";
import { allowedValues, text } from "./option-schemas";
import { throwIfAny, valueProblems } from "./validate-options";

/** Options that a subscriber may set. It inherits all options but the filter policy from the pipeline. */
export type SubscriberOptions = { readonly [K in keyof ConsumerOptions]?: ConsumerOptions[K] | undefined };

/** A queue subscriber as cdktf.json configures it. */
export interface SubscriberConfig extends SubscriberOptions {
  /** Name of the handler's folder in lambda-src. */
  readonly handler: string;
}

const SHAPE = {
  handler: text(/^[a-z][a-z0-9-]*$/, "the name of a folder in lambda-src"),
  ...CONSUMER_SHAPE,
};

const ID = /^[a-z][a-z0-9]{1,11}$/;
const RESERVED_IDS = reservedSubscriberIds();

/** Returns a sentence if a subscriber's ID is invalid; otherwise an empty list. */
export function subscriberIdProblems(id: string): string[] {
  if (ID.test(id) && !RESERVED_IDS.includes(id)) return [];
  return [
    `Invalid subscriber ID ${formatValue(id)}: expected 2 to 12 lowercase letters and digits, starting with a letter, other than ${RESERVED_IDS.join(", ")}.`,
  ];
}

/**
 * Validates a stage's `subscribers`.
 *
 * @param pipeline - The stage's options, which subscribers inherit.
 * @throws InvalidOptionsError naming each invalid ID, option and value.
 */
export function readSubscribers(value: unknown, pipeline: ConsumerOptions): Readonly<Record<string, SubscriberConfig>> {
  throwIfAny(
    isObject(value)
      ? Object.entries(value).flatMap(([id, config]) => configProblems(id, config, pipeline))
      : [`Invalid subscribers ${formatValue(value)}: expected an object of subscribers by ID.`],
  );
  return value as Readonly<Record<string, SubscriberConfig>>;
}

function configProblems(id: string, config: unknown, pipeline: ConsumerOptions): string[] {
  const path = `subscribers.${id}`;
  if (!isObject(config)) return [`Invalid ${path} ${formatValue(config)}: expected an object with a handler.`];
  const problems = [...valueProblems(SHAPE, config, `${path}.`), ...subscriberIdProblems(id)];
  if (config.handler === undefined) problems.push(`Missing ${path}.handler: expected ${allowedValues(SHAPE.handler)}.`);
  return problems.length > 0 ? problems : ruleProblems(path, config, pipeline);
}

/**
 * Returns a subscriber's options: its own, and the pipeline's for those that are left out.
 *
 * @throws InvalidOptionsError naming each option that is invalid by itself or together with others.
 */
export function subscriberOptions(id: string, own: SubscriberOptions, pipeline: ConsumerOptions): ConsumerOptions {
  throwIfAny(valueProblems(CONSUMER_SHAPE, own, `${id}.`));
  throwIfAny(ruleProblems(id, own, pipeline));
  return merged(own, pipeline);
}

function ruleProblems(path: string, own: SubscriberOptions, pipeline: ConsumerOptions): string[] {
  return consumerProblems(merged(own, pipeline)).map((problem) => `${path}: ${problem}`);
}

/** A filter policy belongs to one subscription, so a subscriber does not inherit it. */
function merged(own: SubscriberOptions, pipeline: ConsumerOptions): ConsumerOptions {
  const given = Object.entries(own).filter(([key, value]) => Object.hasOwn(CONSUMER_SHAPE, key) && value !== undefined);
  const unfiltered = { filterPolicy: undefined, filterPolicyScope: "MessageAttributes" } as const;
  return { ...pipeline, ...unfiltered, ...Object.fromEntries(given) };
}
