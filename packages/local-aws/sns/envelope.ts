import type { SnsSubscription } from "../fauxqs/parts";
import type { PublishedMessage } from "./message";

/**
 * What stands around a message, for a subscription without raw delivery. A
 * delivery stream's records have no signature.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html
 */
export function envelopeOf(message: PublishedMessage, { arn, topicArn, protocol }: SnsSubscription): string {
  const { id, subject, timestamp, attributes } = message;
  const region = topicArn.split(":")[3];
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? BinaryValue ?? "" },
  ]);
  return JSON.stringify({
    Type: "Notification",
    MessageId: id,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message.textFor(protocol),
    Timestamp: timestamp,
    ...(protocol !== "firehose" && {
      SignatureVersion: "1",
      Signature: "EXAMPLE",
      SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    }),
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(entries.length > 0 && { MessageAttributes: Object.fromEntries(entries) }),
  });
}
