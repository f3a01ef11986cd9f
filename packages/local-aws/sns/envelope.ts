import type { SnsMessage } from "./message";
import type { StoredSubscription, Topic } from "./topic";

/**
 * A message in SNS's JSON format, for subscriptions without raw delivery. What is the same for several subscriptions is
 * formatted once. For a delivery stream, the format has no signature.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/firehose-archived-message-format-S3.html
 */
export class Envelope {
  private readonly start: string;
  private readonly timestamp: string;
  private readonly attributes: string;
  /** The text that was formatted last, and its JSON. */
  private formatted: readonly [text: string, json: string] = ["", '""'];

  constructor(
    private readonly topic: Topic,
    private readonly message: SnsMessage,
    publishedAt: number,
  ) {
    const { id, subject } = message;
    const member = subject === undefined ? "" : `,"Subject":${jsonText(subject)}`;
    this.start = `{"Type":"Notification","MessageId":"${id}","TopicArn":"${topic.arn}"${member},"Message":`;
    this.timestamp = `,"Timestamp":"${new Date(publishedAt).toISOString()}"`;
    const attributes = attributesJson(message);
    this.attributes = attributes === undefined ? "}" : `,"MessageAttributes":${attributes}}`;
  }

  /** Returns the text for a subscription. */
  for({ arn, protocol }: StoredSubscription): string {
    const { host, signatureVersion } = this.topic;
    const signature =
      protocol === "firehose"
        ? ""
        : `,"SignatureVersion":"${signatureVersion}","Signature":"EXAMPLE","SigningCertURL":"${host}/SimpleNotificationService-0000000000000000000000.pem"`;
    const unsubscribe = `,"UnsubscribeURL":"${host}/?Action=Unsubscribe&SubscriptionArn=${arn}"`;
    return (
      this.start +
      this.json(this.message.textFor(protocol)) +
      this.timestamp +
      signature +
      unsubscribe +
      this.attributes
    );
  }

  private json(text: string): string {
    if (this.formatted[0] !== text) this.formatted = [text, jsonText(text)];
    return this.formatted[1];
  }
}

/** Formats a text, with escapes for the characters that no queue allows. JSON.stringify escapes all others. */
function jsonText(text: string): string {
  return JSON.stringify(text).replace(/[\uFFFE\uFFFF]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`);
}

function attributesJson({ attributes }: SnsMessage): string | undefined {
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    const value = BinaryValue === undefined ? StringValue : Buffer.from(BinaryValue).toString("base64");
    return [name, { Type: DataType, Value: value }] as const;
  });
  return entries.length === 0 ? undefined : JSON.stringify(Object.fromEntries(entries));
}
