import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { DEAD_LETTER_ATTRIBUTES } from "@event-pipeline/event-model/refusal";
import { escapeRefused } from "@event-pipeline/event-model/sqs-text";
import { isThrottled, toOperationError } from "../aws-errors";
import { type DeployedContracts, NO_CONTRACTS } from "../deployed-contracts";
import type { OperationError } from "../errors";
import { type ExpectedOutcome, expectedOutcomeKeyOnly, type ItemKey } from "../expected-outcome";
import type { Pipeline } from "../pipeline";
import type { SqsQueue } from "../sqs/queue-counts";
import { isRejection, type QueueMessage, QueueSender } from "../sqs/queue-sender";
import { EventTableReader } from "../table/events-table";
import { OVERWRITE_REASON, OverwriteGuard } from "../table/overwrite-guard";
import { type DeadLetterMessage, envelopeOf, hasEveryAttribute } from "./dead-letter-message";

export interface DeliveryResult {
  /** The new MessageId of each accepted message: from SQS, or undefined from Firehose, which returns none. */
  readonly idBySent: ReadonlyMap<DeadLetterMessage, string | undefined>;
  /**
   * The reason for each message that was not accepted, as a sentence. Its `cause` is an OperationError if the
   * destination accepts no messages, although other destinations do.
   */
  readonly errorByFailed: ReadonlyMap<DeadLetterMessage, Error>;
  /** Messages that the destination may have accepted, because its response was lost. @default - none */
  readonly unconfirmed?: readonly DeadLetterMessage[];
  /** The error because of which no message can be sent any more. The messages in none of the members above were not sent. */
  readonly stoppedBy?: OperationError;
}

/** Sends dead-letter messages to their original queues or streams. */
export interface RedriveDestination {
  deliver(messages: readonly DeadLetterMessage[]): Promise<DeliveryResult>;
}

/**
 * Returns the destination for messages from a queue's dead-letter queue.
 *
 * @param queue - The source queue.
 * @param guard - The guard for the table that the queue's consumer writes to. @default - no guard
 * @param contracts - The contracts and mappings of the consumer. @default - none
 */
export async function openQueueDestination(
  queue: SqsQueue,
  guard?: OverwriteGuard,
  contracts: DeployedContracts = NO_CONTRACTS,
): Promise<RedriveDestination> {
  const sender = await QueueSender.open(queue);
  return {
    deliver: async (messages) => {
      const idBySent = new Map<DeadLetterMessage, string>();
      const errorByFailed = new Map<DeadLetterMessage, Error>();
      for (const message of messages)
        if (!hasEveryAttribute(message)) errorByFailed.set(message, new Error(INCOMPLETE));
      let sending: readonly DeadLetterMessage[] = [];
      try {
        for (const message of await overwriting(
          messages.filter((message) => !errorByFailed.has(message)),
          guard,
          contracts,
        )) {
          errorByFailed.set(message, new Error(`${message.snsMessageId}: ${OVERWRITE_REASON}`));
        }
        sending = messages.filter((message) => !errorByFailed.has(message));
        const { errorByRejected, errorByUnsent } = await sender.send(sending, originalMessage, idBySent);
        for (const [message, error] of errorByRejected) errorByFailed.set(message, error);
        const throttle = [...errorByUnsent.values()].find(isThrottled);
        if (throttle) return { idBySent, errorByFailed, stoppedBy: toOperationError(throttle, queue.target) };
        for (const [message, { name, message: reason }] of errorByUnsent) {
          errorByFailed.set(message, new Error(`SQS SendMessageBatch did not accept it (${name}): ${reason}`));
        }
        return { idBySent, errorByFailed };
      } catch (error) {
        const stoppedBy = toOperationError(error, queue.target);
        const unconfirmed = isRejection(stoppedBy) ? [] : sending.filter((message) => !idBySent.has(message));
        return { idBySent, errorByFailed, unconfirmed, stoppedBy };
      }
    },
  };
}

async function overwriting(
  messages: readonly DeadLetterMessage[],
  guard: OverwriteGuard | undefined,
  contracts: DeployedContracts,
): Promise<ReadonlySet<DeadLetterMessage>> {
  const expectedByMessage = new Map<DeadLetterMessage, ExpectedOutcome<ItemKey>>();
  for (const message of messages) {
    const envelope = envelopeOf(message.message);
    if (envelope) expectedByMessage.set(message, expectedOutcomeKeyOnly(envelope, 0, contracts));
  }
  return (await guard?.overwriting(expectedByMessage)) ?? new Set();
}

/** Returns the destination for a queue of the pipeline, with a guard if it is the event processor's queue. */
export async function openConsumerQueue(
  pipeline: Pipeline,
  queueName: string,
  contracts: DeployedContracts,
): Promise<RedriveDestination> {
  const isEventProcessor = queueName === pipeline.processor.queueName;
  const guard = isEventProcessor ? new OverwriteGuard(EventTableReader.of(pipeline)) : undefined;
  return openQueueDestination(await pipeline.queue(queueName), guard, contracts);
}

const REASON_ATTRIBUTES: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER_ATTRIBUTES));

/**
 * Returns the message with the attributes of its sender, and without the
 * attributes that the handler added when it refused the message.
 */
export function originalMessage({ message, code, snsMessageId }: DeadLetterMessage): QueueMessage {
  const { Body: body = "", MessageAttributes = {}, Attributes: { MessageGroupId, AWSTraceHeader } = {} } = message;
  const own = Object.entries(MessageAttributes).filter(([name]) => code === undefined || !REASON_ATTRIBUTES.has(name));
  return {
    // SNS delivers some characters that SendMessage rejects. Their JSON escapes mean the same.
    MessageBody: snsMessageId === undefined ? body : escapeRefused(body),
    ...(own.length > 0 && {
      MessageAttributes: Object.fromEntries(own.map(([name, value]) => [name, sendable(value)])),
    }),
    ...(MessageGroupId !== undefined && { MessageGroupId }),
    ...(AWSTraceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } },
    }),
  };
}

const INCOMPLETE =
  "The AWS SDK does not return the value of the message attribute __proto__. Redrive the message with another client, such as the AWS CLI.";

function sendable({ DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttributeValue {
  return { DataType, ...(BinaryValue === undefined ? { StringValue } : { BinaryValue }) };
}
