import { randomUUID } from "node:crypto";
import {
  SNS_MAX_MESSAGE_SIZE_BYTES,
  SnsError,
  type SnsStore,
  type SnsTopic,
  SqsStore,
  snsSuccessResponse,
} from "../fauxqs/parts";
import { atomically } from "../fauxqs/persistence";
import { elementsOf, type Form } from "./form";
import { invalidParameter, messageOf, type SnsMessage } from "./message";
import type { SubscriptionDelivery } from "./subscription-delivery";

const MAX_BATCH_ENTRIES = 10;
const BATCH_ENTRY_ID = /^[\w-]{1,80}$/;

/** Publish and PublishBatch. They respond after each subscription's delivery has succeeded or failed. */
export class Publishing {
  constructor(
    private readonly sns: SnsStore,
    private readonly delivery: SubscriptionDelivery,
  ) {}

  /** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  publish(form: Form): string {
    const topic = this.topicOf(form);
    const message = messageOf(form);
    if (message.bytes > SNS_MAX_MESSAGE_SIZE_BYTES) {
      throw invalidParameter(
        `Message too long: ${message.bytes} bytes including attributes exceed the limit of ${SNS_MAX_MESSAGE_SIZE_BYTES}`,
      );
    }
    const [id] = this.deliver(topic, [message]);
    return snsSuccessResponse("Publish", `<MessageId>${id}</MessageId>`);
  }

  /**
   * Publishes up to 10 messages. As in SNS, one invalid message fails the whole batch.
   *
   * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
   */
  publishBatch(form: Form): string {
    const topic = this.topicOf(form);
    const entries = elementsOf(form, "PublishBatchRequestEntries.member");
    checkBatch(entries);
    const messages = entries.map(messageOf);
    const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
    if (bytes > SNS_MAX_MESSAGE_SIZE_BYTES) {
      throw new SnsError(
        "BatchRequestTooLong",
        `The messages have ${bytes} bytes including attributes, but the limit for a batch is ${SNS_MAX_MESSAGE_SIZE_BYTES}.`,
      );
    }
    const members = this.deliver(topic, messages).map(
      (id, index) => `<member><Id>${entries[index]?.Id}</Id><MessageId>${id}</MessageId></member>`,
    );
    return snsSuccessResponse("PublishBatch", `<Successful>${members.join("")}</Successful><Failed></Failed>`);
  }

  private topicOf({ TopicArn, TargetArn, PhoneNumber }: Form): SnsTopic {
    if (PhoneNumber !== undefined)
      throw invalidParameter("PhoneNumber: the local run does not send SMS messages. Use TopicArn");
    if (TopicArn !== undefined && TargetArn !== undefined) {
      throw invalidParameter("TopicArn or TargetArn Reason: expected one of them, not both");
    }
    const arn = TopicArn ?? TargetArn;
    if (arn === undefined) throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
    const topic = this.sns.getTopic(arn);
    if (!topic) throw new SnsError("NotFound", `Topic does not exist: ${arn}`, 404);
    return topic;
  }

  /** Delivers messages, and returns their message IDs. */
  private deliver(topic: SnsTopic, messages: readonly SnsMessage[]): string[] {
    const publishedAt = Date.now();
    const published = messages.map((message) => ({
      ...message,
      deduplicationId: deduplicationIdOf(topic, message),
      id: randomUUID(),
      publishedAt,
    }));
    // In one transaction, so that a batch is delivered completely or not at all.
    atomically(this.sns.persistence, () => {
      for (const message of published) this.delivery.deliver(topic, message);
    });
    return published.map(({ id }) => id);
  }
}

function checkBatch(entries: readonly Form[]): void {
  if (entries.length === 0) throw new SnsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > MAX_BATCH_ENTRIES) {
    throw new SnsError(
      "TooManyEntriesInBatchRequest",
      `The batch request contains ${entries.length} entries, but the limit is ${MAX_BATCH_ENTRIES}.`,
    );
  }
  const ids = entries.map(({ Id = "" }) => Id);
  const wrong = ids.find((id) => !BATCH_ENTRY_ID.test(id));
  if (wrong !== undefined) {
    throw new SnsError(
      "InvalidBatchEntryId",
      `Invalid Id "${wrong}" of a batch entry: expected 1 to 80 letters, digits, hyphens or underscores.`,
    );
  }
  if (new Set(ids).size < ids.length) {
    throw new SnsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  }
}

/** Validates the FIFO parameters and returns the deduplication ID; undefined for a standard topic. */
function deduplicationIdOf(
  { attributes }: SnsTopic,
  { groupId, deduplicationId, textFor }: SnsMessage,
): string | undefined {
  if (attributes.FifoTopic !== "true") return undefined;
  if (!groupId) throw invalidParameter("The MessageGroupId parameter is required for FIFO topics");
  if (deduplicationId) return deduplicationId;
  if (attributes.ContentBasedDeduplication !== "true") {
    throw invalidParameter(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  return SqsStore.contentBasedDeduplicationId(textFor("default"));
}
