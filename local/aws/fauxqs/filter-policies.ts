// fauxqs tells nobody of an event that a filter policy drops. Its own fan-out,
// given a store of queues that are none, says which subscriptions let an event
// through: by the same code that then delivers it, so the two cannot disagree.
import {
  fanOutToSubscriptions,
  type SnsSpyMessage,
  type SnsStore,
  type SpyMessage as SpyMessageOfFauxqs,
  type SqsStore,
} from "./parts";

/** An event that a subscription's filter policy dropped. */
export interface FilteredMessage {
  readonly service: "sns";
  readonly status: "filtered";
  readonly messageId: string;
  readonly topicArn: string;
  /** The subscription's endpoint. */
  readonly queueArn: string;
}

export type SpyMessage = SpyMessageOfFauxqs | FilteredMessage;

/** What fauxqs is to tell of each message, so that `onMessage` also hears of those that are filtered. */
export function withFiltered(
  onMessage: (message: SpyMessage) => void,
  topics: SnsStore,
): (message: SpyMessageOfFauxqs) => void {
  return (message) => {
    onMessage(message);
    if (message.service !== "sns") return;
    for (const queueArn of filteredEndpoints(message, topics)) {
      const { messageId, topicArn } = message;
      onMessage({ service: "sns", status: "filtered", messageId, topicArn, queueArn });
    }
  };
}

function filteredEndpoints({ topicArn, messageId, body, messageAttributes }: SnsSpyMessage, topics: SnsStore) {
  const topic = topics.getTopic(topicArn);
  const filtering = (topic?.subscriptionArns ?? [])
    .flatMap((arn) => topics.getSubscription(arn) ?? [])
    .filter(({ protocol, confirmed, attributes }) => protocol === "sqs" && confirmed && attributes.FilterPolicy);
  if (!topic || filtering.length === 0) return [];

  const letThrough = new Set<string>();
  const queues: Pick<SqsStore, "getQueueByArn"> = {
    getQueueByArn(arn) {
      letThrough.add(arn);
      return undefined;
    },
  };
  fanOutToSubscriptions({
    topicArn,
    topic,
    messageId,
    message: body,
    messageAttributes,
    snsStore: topics,
    sqsStore: queues as SqsStore,
  });
  return filtering.map(({ endpoint }) => endpoint).filter((endpoint) => !letThrough.has(endpoint));
}
