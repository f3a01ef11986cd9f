/** Items in DynamoDB JSON, such as `{ id: { S: "a" } }`. */
export type DynamodbItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** An attribute of an SNS or SQS message. */
export interface MessageAttribute {
  /** `String`, `Number` or `Binary`, with an optional suffix after a dot. */
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** The result of one message in one invocation of a function. */
export interface DeliveryAttempt {
  readonly functionName: string;
  /** The SQS message's body. */
  readonly body: string;
  readonly receiveCount: number;
  readonly durationMs: number;
  /** Reason of the failure; undefined when the message was processed and deleted. */
  readonly error?: string;
}

/**
 * Receives what happens in the services, in order, after the services changed their state. Nothing waits for it. Each
 * function may be left out.
 */
export interface Observer {
  /** A topic accepted a message. */
  published?(message: {
    readonly topicArn: string;
    readonly messageId: string;
    readonly body: string;
    readonly subject: string | undefined;
    readonly attributes: MessageAttributes;
  }): void;
  /** A subscription's filter policy dropped a message. */
  filtered?(message: { readonly topicArn: string; readonly endpoint: string; readonly messageId: string }): void;
  /** Neither a subscription's endpoint nor its dead-letter queue accepted a message. */
  undelivered?(message: {
    readonly subscriptionArn: string;
    readonly messageId: string;
    readonly reason: string;
  }): void;
  /** A message arrived in a queue. */
  enqueued?(message: {
    readonly queueName: string;
    readonly messageId: string;
    readonly body: string;
    readonly attributes: MessageAttributes;
  }): void;
  /** A client deleted a message, purged the queue, or moved the message to another queue, which has it by then. */
  deleted?(message: { readonly queueName: string; readonly messageId: string; readonly body: string }): void;
  /** PutItem or BatchWriteItem stored an item. */
  stored?(item: DynamodbItem, tableName: string): void;
  /** A delivery stream wrote records to an object. */
  delivered?(records: readonly string[], uri: string): void;
  attempted?(attempt: DeliveryAttempt): void;
  /** A function logged a line. */
  logged?(functionName: string, line: string): void;
  /** Something went wrong that no client sees, such as a delivery that will be retried. */
  noted?(message: string): void;
}
