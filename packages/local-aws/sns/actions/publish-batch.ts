import type { BatchResultErrorEntry, PublishBatchInput, PublishBatchResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { messageBytes } from "../../message-attributes";
import type { MessageAttributes } from "../../observer";
import { AwsError } from "../../protocols/aws-error";
import { SnsMessage, traceHeaderOf } from "../message";
import type { Sns } from "../sns";

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;
const ENTRIES = "PublishBatchRequestEntries";

type Entries = NonNullable<PublishBatchInput["PublishBatchRequestEntries"]>;

export const PublishBatch: Action<PublishBatchInput, PublishBatchResponse, Sns> = {
  handles: [
    "TopicArn",
    `${ENTRIES}.Id`,
    `${ENTRIES}.Message`,
    `${ENTRIES}.Subject`,
    `${ENTRIES}.MessageStructure`,
    `${ENTRIES}.MessageAttributes.DataType`,
    `${ENTRIES}.MessageAttributes.StringValue`,
    `${ENTRIES}.MessageAttributes.BinaryValue`,
    `${ENTRIES}.MessageGroupId`,
    `${ENTRIES}.MessageDeduplicationId`,
  ],
  differs: "reports each invalid entry in `Failed`; AWS may refuse the whole batch for it",
  run({ TopicArn, PublishBatchRequestEntries: entries = [] }, sns, { request }) {
    const topic = sns.topic(TopicArn);
    validateBatch(entries, topic.maxMessageBytes);
    const traceHeader = traceHeaderOf(request);
    const Successful: { Id: string; MessageId: string }[] = [];
    const Failed: BatchResultErrorEntry[] = [];
    for (const { Id = "", ...input } of entries) {
      try {
        const message = new SnsMessage(input);
        sns.delivery.deliver(topic, message, traceHeader);
        Successful.push({ Id, MessageId: message.id });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({ Id, Code: queryCode(error), Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  },
};

/** Returns the code as in an error response. */
function queryCode({ code }: AwsError): string {
  return code === "InvalidParameterValueException" ? "ParameterValueInvalid" : code.replace(/Exception$/, "");
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
function validateBatch(entries: Entries, maxBytes: number): void {
  if (entries.length === 0) {
    throw new AwsError("EmptyBatchRequestException", "The batch request doesn't contain any entries.");
  }
  if (entries.length > MAX_ENTRIES) {
    throw new AwsError(
      "TooManyEntriesInBatchRequestException",
      `The batch request contains ${entries.length} entries, but the limit is ${MAX_ENTRIES}.`,
    );
  }
  const ids = entries.map(({ Id = "" }) => Id);
  const wrong = ids.find((id) => !ENTRY_ID.test(id));
  if (wrong !== undefined) {
    throw new AwsError(
      "InvalidBatchEntryIdException",
      `Invalid Id "${wrong}" of a batch entry: expected 1 to 80 letters, digits, hyphens or underscores.`,
    );
  }
  if (new Set(ids).size < ids.length) {
    throw new AwsError(
      "BatchEntryIdsNotDistinctException",
      "Two or more batch entries in the request have the same Id.",
    );
  }
  const bytes = entries.reduce(
    (sum, { Message = "", MessageAttributes = {} }) =>
      sum + messageBytes(Message, MessageAttributes as MessageAttributes),
    0,
  );
  if (bytes > maxBytes) {
    throw new AwsError(
      "BatchRequestTooLongException",
      `The messages have ${bytes} bytes including attributes, but the limit for a batch is ${maxBytes}.`,
    );
  }
}
