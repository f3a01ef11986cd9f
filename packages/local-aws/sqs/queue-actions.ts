import type {
  CreateQueueRequest,
  GetQueueAttributesRequest,
  ListDeadLetterSourceQueuesRequest,
  ListQueuesRequest,
} from "@aws-sdk/client-sqs";
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
import { inRange, required } from "./sqs-input";

const MAX_RESULTS = 1_000;

/** Attributes of FIFO queues that are missing from fauxqs's list of settable attributes. */
const FIFO_ATTRIBUTES = ["DeduplicationScope", "FifoThroughputLimit"];

/** Handles CreateQueue, and rejects unknown attributes. */
export function createQueue(
  input: Partial<CreateQueueRequest>,
  store: SqsStore,
  request: Parameters<typeof fauxqsCreateQueue>[2],
): object {
  validateNames(Object.keys(input.Attributes ?? {}), [...SETTABLE_ATTRIBUTES, ...FIFO_ATTRIBUTES]);
  return fauxqsCreateQueue({ ...input }, store, request);
}

/** Handles GetQueueAttributes, and returns only the requested attributes. */
export function getQueueAttributes(input: Partial<GetQueueAttributesRequest>, store: SqsStore): object {
  const names = input.AttributeNames ?? [];
  validateNames(names, ["All", ...ALL_ATTRIBUTE_NAMES]);
  const output = fauxqsGetQueueAttributes({ ...input }, store);
  return names.length === 0 ? {} : output;
}

/** @throws SqsError when an attribute is unknown. */
export function validateNames(names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
}

/** Handles ListQueues. fauxqs sorts names by locale but compares page tokens by code unit, so it would omit queues. */
export function listQueues(input: ListQueuesRequest, store: SqsStore): object {
  const { QueueNamePrefix: prefix = "" } = input;
  const { urls: QueueUrls, ...rest } = page(input, store, ({ name }) => name.startsWith(prefix));
  return { QueueUrls, ...rest };
}

/** Handles ListDeadLetterSourceQueues. */
export function listDeadLetterSourceQueues(input: Partial<ListDeadLetterSourceQueuesRequest>, store: SqsStore): object {
  const arn = store.getQueue(required(input, "QueueUrl"))?.arn;
  if (arn === undefined) throw new QueueDoesNotExistError();
  const isSource = ({ attributes }: SqsQueue) => deadLetterTarget(attributes.RedrivePolicy) === arn;
  const { urls: queueUrls, ...rest } = page(input, store, isSource);
  return { queueUrls, ...rest };
}

function page(
  input: Pick<ListQueuesRequest, "MaxResults" | "NextToken">,
  store: SqsStore,
  isListed: (queue: SqsQueue) => boolean,
) {
  const maxResults = inRange(input, "MaxResults", 1, MAX_RESULTS) ?? MAX_RESULTS;
  const { NextToken: after = "" } = input;
  const rest = [...store.allQueues()]
    .filter((queue) => isListed(queue) && queue.name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = rest.slice(0, maxResults);
  return { urls: found.map(({ url }) => url), ...(rest.length > found.length && { NextToken: found.at(-1)?.name }) };
}
