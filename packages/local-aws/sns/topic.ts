import type { Tag } from "@aws-sdk/client-sns";
import {
  type DeliveryRules,
  normalizeAttributes,
  parseSubscriptionAttributes,
  type SubscriptionAttributes,
} from "./subscription-attributes";
import { DEFAULT_MAX_MESSAGE_BYTES } from "./topic-attributes";

/** A topic in the storage. */
export interface StoredTopic {
  readonly arn: string;
  /** The attributes that were set. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
}

export class Topic {
  /** Subscriptions by ARN, in the order of delivery. */
  readonly subscriptions = new Map<string, Subscription>();
  /** URL of SNS in the topic's region. */
  readonly host: string;

  constructor(public stored: StoredTopic) {
    this.host = `https://sns.${stored.arn.split(":")[3]}.amazonaws.com`;
  }

  get arn(): string {
    return this.stored.arn;
  }

  get maxMessageBytes(): number {
    return Number(this.stored.attributes.MaximumMessageSize ?? DEFAULT_MAX_MESSAGE_BYTES);
  }

  get signatureVersion(): string {
    return this.stored.attributes.SignatureVersion ?? "1";
  }
}

/** A subscription in the storage. */
export interface StoredSubscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: "sqs" | "firehose";
  /** ARN of the queue or of the delivery stream. */
  readonly endpoint: string;
  /** ARN of the caller who subscribed. */
  readonly principal: string;
  /** The attributes that were set. */
  readonly attributes: SubscriptionAttributes;
}

export class Subscription {
  readonly stored: StoredSubscription;
  readonly rules: DeliveryRules;

  /**
   * @param prefix - Text before the reason of an error.
   * @throws AwsError for attributes that AWS would reject.
   */
  constructor(options: StoredSubscription, prefix = "") {
    this.rules = parseSubscriptionAttributes(options.attributes, prefix);
    this.stored = { ...options, attributes: normalizeAttributes(options.attributes) };
  }
}
