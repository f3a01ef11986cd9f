/**
 * How SQS's query protocol writes what its JSON protocol has as lists, maps
 * and numbers.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */

/** Elements of a list, `Name.1`, `Name.2`: the list they are in. */
export const LISTS: Readonly<Record<string, string>> = {
  AttributeName: "AttributeNames",
  ChangeMessageVisibilityBatchRequestEntry: "Entries",
  DeleteMessageBatchRequestEntry: "Entries",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  SendMessageBatchRequestEntry: "Entries",
  TagKey: "TagKeys",
};

/** Entries of a map, `Attribute.1.Name` and `Attribute.1.Value`: the map, and what its keys are called. */
export const MAPS: Readonly<Record<string, readonly [map: string, key: string]>> = {
  Attribute: ["Attributes", "Name"],
  MessageAttribute: ["MessageAttributes", "Name"],
  MessageSystemAttribute: ["MessageSystemAttributes", "Name"],
  Tag: ["Tags", "Key"],
};

export const NUMBERS = new Set([
  "DelaySeconds",
  "MaxNumberOfMessages",
  "MaxNumberOfMessagesPerSecond",
  "MaxResults",
  "VisibilityTimeout",
  "WaitTimeSeconds",
]);

/** Elements of an answer's list or map, by the action where they differ. */
export const ELEMENTS: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  Attributes: "Attribute",
  Failed: "BatchResultErrorEntry",
  MessageAttributes: "MessageAttribute",
  Messages: "Message",
  QueueUrls: "QueueUrl",
  queueUrls: "QueueUrl",
  Results: "ListMessageMoveTasksResultEntry",
  Successful: {
    ChangeMessageVisibilityBatch: "ChangeMessageVisibilityBatchResultEntry",
    DeleteMessageBatch: "DeleteMessageBatchResultEntry",
    SendMessageBatch: "SendMessageBatchResultEntry",
  },
  Tags: "Tag",
};
