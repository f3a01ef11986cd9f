import {
  ALL_ATTRIBUTE_NAMES,
  createQueue as fauxqsCreateQueue,
  getQueueAttributes as fauxqsGetQueueAttributes,
  QueueDoesNotExistError,
  SETTABLE_ATTRIBUTES,
  SqsError,
  type SqsQueue,
  type SqsStore,
} from "../fauxqs/parts";
import { deadLetterTarget } from "../redrive-policy";
import { inRange, required, type SqsInput } from "./parameters";

const MAX_RESULTS = 1_000;

/** Attributes of FIFO queues that fauxqs does not list as settable. */
const FIFO_ATTRIBUTES = ["DeduplicationScope", "FifoThroughputLimit"];

/** Handles CreateQueue, and rejects unknown attributes. */
export function createQueue(
  input: { readonly Attributes?: Readonly<Record<string, string>> | null },
  store: SqsStore,
  request: Parameters<typeof fauxqsCreateQueue>[2],
): object {
  const names = Object.keys(input.Attributes ?? {});
  const unknown = names.find((name) => !SETTABLE_ATTRIBUTES.has(name) && !FIFO_ATTRIBUTES.includes(name));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  return fauxqsCreateQueue(input, store, request);
}

/** Handles GetQueueAttributes, and returns only the requested attributes. */
export function getQueueAttributes(
  input: { readonly AttributeNames?: readonly string[] | null },
  store: SqsStore,
): object {
  const names = input.AttributeNames ?? [];
  const unknown = names.find((name) => name !== "All" && !ALL_ATTRIBUTE_NAMES.includes(name as never));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const answer = fauxqsGetQueueAttributes({ ...input, AttributeNames: names }, store);
  return names.length === 0 ? {} : answer;
}

type PageInput = SqsInput<"MaxResults", number> & SqsInput<"NextToken" | "QueueNamePrefix" | "QueueUrl", string>;

/** Handles ListQueues. fauxqs sorts names by locale and pages through them by bytes, which omits some. */
export function listQueues(input: PageInput, store: SqsStore): object {
  const prefix = input.QueueNamePrefix ?? "";
  const { urls, nextToken } = page(
    input,
    [...store.allQueues()].filter(({ name }) => name.startsWith(prefix)),
  );
  return { QueueUrls: urls, ...nextToken };
}

/** Handles ListDeadLetterSourceQueues. */
export function listDeadLetterSourceQueues(input: PageInput, store: SqsStore): object {
  const target = store.getQueue(required(input, "QueueUrl"));
  if (!target) throw new QueueDoesNotExistError();
  const isSource = ({ attributes: { RedrivePolicy } }: SqsQueue) => deadLetterTarget(RedrivePolicy) === target.arn;
  const { urls, nextToken } = page(input, [...store.allQueues()].filter(isSource));
  return { queueUrls: urls, ...nextToken };
}

function page(input: PageInput, queues: readonly SqsQueue[]): { urls: string[]; nextToken: { NextToken?: string } } {
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
