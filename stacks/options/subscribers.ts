import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { takenIds } from "../addresses";
import { CONSUMER_SHAPE, type ConsumerOptions } from "./consumer";
import { consumerProblems } from "./consumer-relations";
import { InvalidOptionsError } from "./invalid-options-error";
import { kindOf, text } from "./kinds";
import { shown } from "./shown";
import { valueProblems } from "./value-problems";

/** What a subscriber may choose for itself; of the rest it has what the pipeline has, but for the filter policy. */
export type OwnOptions = { readonly [K in keyof ConsumerOptions]?: ConsumerOptions[K] | undefined };

/** A queue subscriber beyond the event processor, as cdktf.json names it. */
export interface SubscriberConfig extends OwnOptions {
  /** Folder under lambda-src that holds its handler. */
  readonly handler: string;
}

const SHAPE = {
  handler: text(/^[a-z][a-z0-9-]*$/, "the name of a folder under lambda-src"),
  ...CONSUMER_SHAPE,
};

const ID = /^[a-z][a-z0-9]{1,11}$/;
const TAKEN_IDS = takenIds();

/** What is wrong with a subscriber's id; undefined when nothing is. */
export function subscriberIdProblem(id: string): string | undefined {
  if (ID.test(id) && !TAKEN_IDS.includes(id)) return undefined;
  return `The subscriber id ${shown(id)} must be 2 to 12 lowercase letters and digits, starting with a letter, and none of ${TAKEN_IDS.join(", ")}: names and addresses are made of it.`;
}

/**
 * A stage's `subscribers`, checked.
 *
 * @param pipeline - The stage's own options.
 * @throws InvalidOptionsError naming each wrong id, key and value.
 */
export function readSubscribers(value: unknown, pipeline: ConsumerOptions): Readonly<Record<string, SubscriberConfig>> {
  const problems = isObject(value)
    ? Object.entries(value).flatMap(([id, config]) => configProblems(id, config, pipeline))
    : [`subscribers is ${shown(value)}. It must be an object of subscribers by id.`];
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return value as Readonly<Record<string, SubscriberConfig>>;
}

function configProblems(id: string, config: unknown, pipeline: ConsumerOptions): string[] {
  const place = `subscribers.${id}`;
  if (!isObject(config)) return [`${place} is ${shown(config)}. It must be an object with a handler.`];
  const problems = valueProblems(SHAPE, config, `${place}.`);
  const idProblem = subscriberIdProblem(id);
  if (idProblem !== undefined) problems.push(idProblem);
  if (config.handler === undefined)
    problems.push(`${place}.handler is missing. It must be ${kindOf(SHAPE.handler).allowed}.`);
  return problems.length > 0 ? problems : relationProblems(place, config, pipeline);
}

/**
 * The options of a subscriber: its own, and of the rest the pipeline's.
 *
 * @throws InvalidOptionsError naming each that is wrong, alone or together.
 */
export function subscriberOptions(id: string, own: OwnOptions, pipeline: ConsumerOptions): ConsumerOptions {
  const values = valueProblems(CONSUMER_SHAPE, own, `${id}.`);
  const problems = values.length > 0 ? values : relationProblems(id, own, pipeline);
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return merged(own, pipeline);
}

function relationProblems(place: string, own: OwnOptions, pipeline: ConsumerOptions): string[] {
  return consumerProblems(merged(own, pipeline)).map((problem) => `For ${place}, ${problem}`);
}

/** The filter policy is of one subscription, and never the pipeline's. */
function merged(own: OwnOptions, pipeline: ConsumerOptions): ConsumerOptions {
  const given = Object.entries(own).filter(([key, value]) => Object.hasOwn(CONSUMER_SHAPE, key) && value !== undefined);
  const unfiltered = { filterPolicy: undefined, filterPolicyScope: "MessageAttributes" } as const;
  return { ...pipeline, ...unfiltered, ...Object.fromEntries(given) };
}
