import { matches } from "@event-pipeline/sns-filter-policy/matches";
import type { Firehose } from "../firehose/firehose";
import type { Host } from "../host";
import { INVALID_CHARACTER, messageBytes } from "../message-attributes";
import type { MessageAttributes } from "../observer";
import type { Sqs } from "../sqs/sqs";
import { Envelope } from "./envelope";
import type { SnsMessage } from "./message";
import type { Subscription, Topic } from "./topic";

/** Maximum number of message attributes with raw delivery. SNS does not retry a message that has more. */
const MAX_RAW_ATTRIBUTES = 10;

/** ID of the sender in SQS messages from SNS. */
const SENDER_ID = "AIDALOCALSNS";

const NO_ATTRIBUTES: MessageAttributes = {};

/** A message for one subscription. */
interface Notification {
  readonly text: string;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  /** The publisher's X-Ray trace header. */
  readonly traceHeader: string | undefined;
}

/** Delivers messages to subscriptions, or to their dead-letter queues. */
export class Delivery {
  constructor(
    private readonly host: Host,
    private readonly sqs: Sqs,
    private readonly firehose: Firehose,
  ) {}

  /** Delivers a message to all subscriptions of a topic, in one turn of the event loop. */
  deliver(topic: Topic, message: SnsMessage, traceHeader: string | undefined): void {
    const { observer, clock } = this.host;
    const { id: messageId, subject, attributes } = message;
    observer.published?.({ topicArn: topic.arn, messageId, body: message.textFor("sqs"), subject, attributes });
    let envelope: Envelope | undefined;
    for (const subscription of topic.subscriptions.values()) {
      const { stored, rules } = subscription;
      const { arn: subscriptionArn, protocol, endpoint } = stored;
      if (rules.filter && !matches(rules.filter, { body: message.textFor(protocol), attributes })) {
        observer.filtered?.({ topicArn: topic.arn, endpoint, messageId });
        continue;
      }
      if (!rules.isRaw) envelope ??= new Envelope(topic, message, clock.now());
      const reason = this.deliverTo(subscription, {
        text: envelope && !rules.isRaw ? envelope.for(stored) : message.textFor(protocol),
        attributes: rules.isRaw ? attributes : NO_ATTRIBUTES,
        groupId: message.groupId,
        traceHeader,
      });
      if (reason !== undefined) observer.undelivered?.({ subscriptionArn, messageId, reason });
    }
  }

  /**
   * Returns the reasons if neither the endpoint nor the dead-letter queue accepts the message; otherwise undefined.
   *
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
   */
  private deliverTo({ stored, rules }: Subscription, notification: Notification): string | undefined {
    const { protocol, endpoint } = stored;
    const reason = protocol === "sqs" ? this.send(endpoint, notification) : this.put(endpoint, notification);
    if (reason === undefined) return undefined;
    const { deadLetterQueueArn } = rules;
    if (deadLetterQueueArn === undefined) return `${reason}; the subscription has no redrive policy`;
    const secondReason = this.send(deadLetterQueueArn, notification);
    return secondReason && `${reason}; ${secondReason}`;
  }

  /** Returns the reason if the delivery stream rejects the message. */
  private put(streamArn: string, { text }: Notification): string | undefined {
    const stream = this.firehose.streamByArn(streamArn);
    // As on AWS, each message ends with a line break.
    return stream ? stream.put(`${text}\n`) : `there is no delivery stream ${streamArn}`;
  }

  /** Returns the reason if the queue rejects the message. */
  private send(queueArn: string, { text, attributes, groupId, traceHeader }: Notification): string | undefined {
    const queue = this.sqs.queueByArn(queueArn);
    if (!queue) return `there is no queue ${queueArn}`;
    // Only a text for one protocol can be empty.
    if (text === "") return `the message is empty, and ${queue.name} requires a body`;
    const [invalid] = INVALID_CHARACTER.exec(text) ?? [];
    if (invalid !== undefined) return `the message contains U+${codeOf(invalid)}, which ${queue.name} does not allow`;
    const { length } = Object.keys(attributes);
    if (length > MAX_RAW_ATTRIBUTES) {
      return `the raw message has ${length} attributes, and the limit of ${queue.name} is ${MAX_RAW_ATTRIBUTES}`;
    }
    const bytes = messageBytes(text, attributes);
    const limit = Number(queue.attributes.MaximumMessageSize);
    if (bytes > limit) return `the message has ${bytes} bytes, and the limit of ${queue.name} is ${limit}`;
    queue.send({
      body: text,
      attributes,
      ...(groupId !== undefined && { groupId }),
      ...(traceHeader !== undefined && { traceHeader }),
      senderId: SENDER_ID,
    });
    return undefined;
  }
}

/** Returns the code of a UTF-16 unit, such as `000B`. */
function codeOf(unit: string): string {
  return unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}
