import { ACCOUNT_ID } from "../account";
import { invalidParameter } from "./errors";
import type { Subscription } from "./topic";

const PAGE_SIZE = 100;

/**
 * Returns a page of elements, in the order of their ARNs, and the token of the next page.
 *
 * @throws AwsError for a token that no page returned.
 */
export function pageOf<Element extends { readonly arn: string }>(
  elements: Iterable<Element>,
  token: string | undefined,
): { readonly page: readonly Element[]; readonly NextToken?: string } {
  const after = Buffer.from(token ?? "", "base64").toString();
  if (token && !after.startsWith("arn:")) throw invalidParameter("NextToken");
  const rest = [...elements].filter(({ arn }) => arn > after).sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const page = rest.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return { page, ...(last && rest.length > PAGE_SIZE && { NextToken: Buffer.from(last.arn).toString("base64") }) };
}

/** Returns a page of subscriptions, as ListSubscriptions and ListSubscriptionsByTopic do. */
export function subscriptionPage(subscriptions: Iterable<Subscription>, token: string | undefined) {
  const stored = [...subscriptions].map((subscription) => subscription.stored);
  const { page, ...next } = pageOf(stored, token);
  const Subscriptions = page.map(({ arn, topicArn, protocol, endpoint }) => {
    return { SubscriptionArn: arn, Owner: ACCOUNT_ID, Protocol: protocol, Endpoint: endpoint, TopicArn: topicArn };
  });
  return { Subscriptions, ...next };
}
