import { problemsOf } from "./check";
import { InvalidOptionsError } from "./check-options";
import { CONSUMER_OPTIONS, type ConsumerOptions, consumerChecks, consumerOptions } from "./consumer-options";
import { filterPolicyProblems } from "./filter-policy";
import { OPTION_RULES } from "./option-rules";
import type { PipelineOptions } from "./options";

/** What a subscriber may choose for itself; the rest it has from the pipeline. */
export interface OwnOptions extends Partial<ConsumerOptions> {
  /**
   * SNS filter policy of its subscription.
   * @default - it gets every event
   */
  readonly filterPolicy?: PipelineOptions["filterPolicy"];
  /**
   * What the filter policy looks at.
   * @default - the message's attributes
   */
  readonly filterPolicyScope?: PipelineOptions["filterPolicyScope"];
}

/** A queue subscriber beyond the event processor, as cdktf.json names it. */
export interface SubscriberConfig extends OwnOptions {
  /** Folder under lambda-src that holds its handler. */
  readonly handler: string;
}

const ID = /^[a-z][a-z0-9]{1,11}$/;
/** Ids that would lead to an address or a name which the pipeline has already. */
const TAKEN_IDS = ["alarms", "event", "events", "firehose", "sqs"];
const HANDLER = /^[a-z][a-z0-9-]*$/;
/** Its options that have the rules of the stage's. */
const OPTIONS = ["filterPolicy", "filterPolicyScope", ...CONSUMER_OPTIONS] as const;
const KEYS: readonly string[] = ["handler", ...OPTIONS];

/** What is wrong with a subscriber's id; undefined when nothing is. */
export function subscriberIdProblem(id: string): string | undefined {
  if (ID.test(id) && !TAKEN_IDS.includes(id)) return undefined;
  return `The subscriber id "${id}" must be 2 to 12 lowercase letters and digits, starting with a letter, and none of ${TAKEN_IDS.join(", ")}: names and addresses are made of it.`;
}

/**
 * A stage's `subscribers`, checked.
 *
 * @param options - The stage's own.
 * @throws InvalidOptionsError naming each wrong id, key and value.
 */
export function readSubscribers(value: unknown, options: PipelineOptions): Readonly<Record<string, SubscriberConfig>> {
  const problems = isObject(value)
    ? Object.entries(value).flatMap(([id, config]) => subscriberProblems(id, config, options))
    : [`subscribers is ${JSON.stringify(value)}. It must be an object of subscribers by id.`];
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return value as Readonly<Record<string, SubscriberConfig>>;
}

function subscriberProblems(id: string, config: unknown, options: PipelineOptions): string[] {
  const place = `subscribers.${id}`;
  if (!isObject(config)) return [`${place} is ${JSON.stringify(config)}. It must be an object with a handler.`];
  const problems = Object.keys(config)
    .filter((key) => !KEYS.includes(key))
    .map((key) => `There is no ${place}.${key}. There are: ${KEYS.join(", ")}.`);
  const idProblem = subscriberIdProblem(id);
  if (idProblem !== undefined) problems.push(idProblem);
  if (typeof config.handler !== "string" || !HANDLER.test(config.handler)) {
    problems.push(
      `${place}.handler is ${JSON.stringify(config.handler)}. It must be the name of a folder under lambda-src.`,
    );
  }
  return [...problems, ...ownOptionProblems(place, config as OwnOptions, options)];
}

/**
 * What is wrong with the options of a subscriber, each and together.
 *
 * @param place - What the messages call it.
 * @param own - Those that it does not have from the pipeline.
 */
export function ownOptionProblems(place: string, own: OwnOptions, options: PipelineOptions): string[] {
  const problems = OPTIONS.flatMap((key) => {
    const { accepts, allowed } = OPTION_RULES[key];
    const value = own[key];
    return value === undefined || accepts(value)
      ? []
      : [`${place}.${key} is ${JSON.stringify(value)}. It must be ${allowed}.`];
  });
  // What they mean together makes sense of valid values only.
  if (problems.length > 0) return problems;
  const { filterPolicy, filterPolicyScope = "MessageAttributes" } = own;
  return [
    ...(filterPolicy ? filterPolicyProblems(`${place}.filterPolicy`, filterPolicy, filterPolicyScope) : []),
    ...problemsOf(consumerChecks(consumerOptions(options, own))).map((problem) => `For ${place}, ${problem}`),
  ];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
