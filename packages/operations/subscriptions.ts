import {
  ListSubscriptionsByTopicCommand,
  type ListSubscriptionsByTopicCommandOutput,
  type SNSClient,
} from "@aws-sdk/client-sns";

export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  /** ARN of what it delivers to, or an address. */
  readonly endpoint: string;
}

/** Those of a topic that are confirmed. */
export async function subscriptionsOf(sns: SNSClient, topicArn: string): Promise<Subscription[]> {
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  do {
    const page: ListSubscriptionsByTopicCommandOutput = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken }),
    );
    for (const { SubscriptionArn: arn = "", Protocol: protocol = "", Endpoint: endpoint = "" } of page.Subscriptions ??
      []) {
      if (arn.startsWith("arn:")) found.push({ arn, protocol, endpoint });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}
