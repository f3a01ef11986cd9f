import { randomUUID } from "node:crypto";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { type Clock, SYSTEM_CLOCK } from "@event-pipeline/operations/clock";
import type { SqsQueue } from "@event-pipeline/operations/sqs/queue-counts";

interface FakeMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Record<string, MessageAttributeValue>;
  /** System attributes, such as AWSTraceHeader and MessageGroupId. */
  readonly system: Readonly<Record<string, string>>;
  receives: number;
  receipt: string;
  visibleAt: number;
}

/**
 * Returns the error to throw for a request: before the request takes effect, or, if `after` is true, afterwards. With
 * `retried`, the response is lost, and the SDK sends the request again without the caller's knowledge.
 */
export type Fault = (operation: string) => { readonly error: Error; readonly after: boolean } | "retried" | undefined;

/** Standard queues in memory. As in SQS, a deletion with an old receipt handle succeeds but deletes nothing. */
export class FakeQueues {
  private readonly queues = new Map<string, FakeMessage[]>();
  fault: Fault = () => undefined;
  maxBytes = 1_048_576;

  constructor(private readonly clock: Clock = SYSTEM_CLOCK) {}

  queue(queueUrl: string): SqsQueue {
    return { sqs: this.sqs, queueUrl, target: "the fake queues" };
  }

  get sqs(): SQSClient {
    return { send: (command: object) => this.answer(command) } as unknown as SQSClient;
  }

  put(
    url: string,
    body: string,
    attributes: Record<string, MessageAttributeValue> = {},
    system: Readonly<Record<string, string>> = {},
  ): string {
    const id = randomUUID();
    this.messages(url).push({
      id,
      body,
      attributes,
      system,
      receives: 0,
      receipt: "",
      visibleAt: Number.NEGATIVE_INFINITY,
    });
    return id;
  }

  bodies(url: string): string[] {
    return this.messages(url).map(({ body }) => body);
  }

  /** Removes all messages and returns their bodies in order. */
  drain(url: string): string[] {
    return this.messages(url)
      .splice(0)
      .map(({ body }) => body);
  }

  /** Returns the attributes that senders set, by message. */
  settings(url: string): Pick<FakeMessage, "attributes" | "system">[] {
    return this.messages(url).map(({ attributes, system }) => ({ attributes, system }));
  }

  visible(url: string): number {
    return this.messages(url).filter(({ visibleAt }) => visibleAt <= this.clock.now()).length;
  }

  receives(url: string): number[] {
    return this.messages(url).map(({ receives }) => receives);
  }

  private messages(url: string): FakeMessage[] {
    const messages = this.queues.get(url) ?? [];
    this.queues.set(url, messages);
    return messages;
  }

  private async answer(command: object): Promise<object> {
    await this.clock.pause(1);
    const fault = this.fault(command.constructor.name);
    if (fault === "retried") this.act(command);
    else if (fault && !fault.after) throw fault.error;
    const done = this.act(command);
    if (fault && fault !== "retried") throw fault.error;
    return done;
  }

  private act(command: object): object {
    if (command instanceof GetQueueAttributesCommand) return this.attributes(String(command.input.QueueUrl));
    if (command instanceof ReceiveMessageCommand) return this.receive(command.input);
    if (command instanceof SendMessageBatchCommand) return this.send(command.input);
    if (command instanceof DeleteMessageBatchCommand) {
      const messages = this.messages(String(command.input.QueueUrl));
      for (const { ReceiptHandle } of command.input.Entries ?? []) {
        const index = messages.findIndex(({ receipt }) => receipt === ReceiptHandle);
        if (index !== -1) messages.splice(index, 1);
      }
      return { Successful: command.input.Entries };
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      const messages = this.messages(String(command.input.QueueUrl));
      const Successful = (command.input.Entries ?? []).filter(({ ReceiptHandle, VisibilityTimeout = 0 }) => {
        const found = messages.find(
          ({ receipt, visibleAt }) => receipt === ReceiptHandle && visibleAt > this.clock.now(),
        );
        if (found) found.visibleAt = this.clock.now() + VisibilityTimeout * 1_000;
        return found !== undefined;
      });
      return { Successful };
    }
    throw new Error(`FakeQueues does not support ${command.constructor.name}.`);
  }

  private attributes(url: string): object {
    const visible = this.visible(url);
    return {
      Attributes: {
        MaximumMessageSize: String(this.maxBytes),
        ApproximateNumberOfMessages: String(visible),
        ApproximateNumberOfMessagesNotVisible: String(this.messages(url).length - visible),
        ApproximateNumberOfMessagesDelayed: "0",
      },
    };
  }

  private receive({
    QueueUrl,
    MaxNumberOfMessages,
    VisibilityTimeout = 30,
    MessageAttributeNames = [],
    MessageSystemAttributeNames = [],
  }: ReceiveMessageCommand["input"]): object {
    const ready = this.messages(String(QueueUrl)).filter(({ visibleAt }) => visibleAt <= this.clock.now());
    const Messages = ready.slice(0, MaxNumberOfMessages).map((kept): Message => {
      kept.receives += 1;
      kept.receipt = randomUUID();
      kept.visibleAt = this.clock.now() + VisibilityTimeout * 1_000;
      const { id, body, attributes, system, receipt, receives } = kept;
      const all = { SentTimestamp: "1795000000000", ApproximateReceiveCount: String(receives), ...system };
      return {
        MessageId: id,
        Body: body,
        ReceiptHandle: receipt,
        // As in SQS, only requested attributes are returned.
        ...(MessageAttributeNames.includes("All") && { MessageAttributes: asSdkReturns(attributes) }),
        ...(MessageSystemAttributeNames.includes("All") && { Attributes: all }),
      };
    });
    return { Messages };
  }

  private take(url: string, entry: SendMessageBatchRequestEntry): string {
    const { MessageBody = "", MessageAttributes = {}, MessageSystemAttributes = {}, MessageGroupId } = entry;
    const trace = MessageSystemAttributes.AWSTraceHeader?.StringValue;
    return this.put(url, MessageBody, MessageAttributes, {
      ...(trace !== undefined && { AWSTraceHeader: trace }),
      ...(MessageGroupId !== undefined && { MessageGroupId }),
    });
  }

  private send({ QueueUrl, Entries = [] }: SendMessageBatchCommand["input"]): object {
    const bytes = Entries.reduce((sum, { MessageBody = "" }) => sum + Buffer.byteLength(MessageBody), 0);
    if (bytes > this.maxBytes) throw Object.assign(new Error("Too long."), { name: "BatchRequestTooLong" });
    const Successful = Entries.map((entry) => ({ Id: entry.Id, MessageId: this.take(String(QueueUrl), entry) }));
    return { Successful, Failed: [] };
  }
}

/** Returns the attributes as the SDK parses them from JSON, where an attribute called `__proto__` loses its value. */
function asSdkReturns(attributes: Record<string, MessageAttributeValue>): Record<string, MessageAttributeValue> {
  const given = Object.entries(attributes).map(([name, value]) => [name, name === "__proto__" ? undefined : value]);
  return Object.fromEntries(given);
}

export function throttled(): Error {
  return Object.assign(new Error("Slow down."), { name: "ThrottlingException" });
}
