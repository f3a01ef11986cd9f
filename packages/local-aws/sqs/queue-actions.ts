import { deadLetterTarget } from "../dead-letter-target";
import {
  ALL_ATTRIBUTE_NAMES,
  createQueue,
  getQueueAttributes,
  QueueDoesNotExistError,
  SETTABLE_ATTRIBUTES,
  SqsError,
  type SqsQueue,
  type SqsStore,
} from "../fauxqs/parts";
import { type Input, inRange, required } from "./parameters";

const MAX_RESULTS = 1_000;

/** What SQS sets at a FIFO queue beside what fauxqs lets be changed. */
const OF_FIFO_QUEUES = ["DeduplicationScope", "FifoThroughputLimit"];

/** CreateQueue, with attributes that SQS has. */
export function create(
  input: { readonly Attributes?: Readonly<Record<string, string>> | null },
  store: SqsStore,
  request: Parameters<typeof createQueue>[2],
): object {
  const names = Object.keys(input.Attributes ?? {});
  const unknown = names.find((name) => !SETTABLE_ATTRIBUTES.has(name) && !OF_FIFO_QUEUES.includes(name));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  return createQueue(input, store, request);
}

/** GetQueueAttributes, which gives those that were asked for. */
export function attributes(input: { readonly AttributeNames?: readonly string[] | null }, store: SqsStore): object {
  const names = input.AttributeNames ?? [];
  const unknown = names.find((name) => name !== "All" && !ALL_ATTRIBUTE_NAMES.includes(name as never));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const answer = getQueueAttributes({ ...input, AttributeNames: names }, store);
  return names.length === 0 ? {} : answer;
}

type Paged = Input<"MaxResults", number> & Input<"NextToken" | "QueueNamePrefix" | "QueueUrl", string>;

/** ListQueues. fauxqs sorts names as words of a language and pages through them as bytes, which leaves some out. */
export function list(input: Paged, store: SqsStore): object {
  const prefix = input.QueueNamePrefix ?? "";
  const { urls, nextToken } = page(
    input,
    [...store.allQueues()].filter(({ name }) => name.startsWith(prefix)),
  );
  return { QueueUrls: urls, ...nextToken };
}

/** ListDeadLetterSourceQueues: the queues whose redrive policy names this one. */
export function listSources(input: Paged, store: SqsStore): object {
  const target = store.getQueue(required(input, "QueueUrl"));
  if (!target) throw new QueueDoesNotExistError();
  const isSource = ({ attributes: { RedrivePolicy } }: SqsQueue) => deadLetterTarget(RedrivePolicy) === target.arn;
  const { urls, nextToken } = page(input, [...store.allQueues()].filter(isSource));
  return { queueUrls: urls, ...nextToken };
}

function page(input: Paged, queues: readonly SqsQueue[]): { urls: string[]; nextToken: { NextToken?: string } } {
  const maxResults = inRange(input, "MaxResults", 1, MAX_RESULTS) ?? MAX_RESULTS;
  const after = input.NextToken ?? "";
  const rest = queues.filter(({ name }) => name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = rest.slice(0, maxResults);
  const last = found.at(-1);
  return {
    urls: found.map(({ url }) => url),
    nextToken: rest.length > found.length && last ? { NextToken: last.name } : {},
  };
}
