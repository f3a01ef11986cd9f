import { SNSClient } from "@aws-sdk/client-sns";
import type { Pipeline } from "./pipeline";
import { type Filter, filterOf } from "./subscription-filter";
import { subscriptionsOf } from "./subscriptions";

/** What the subscription of the event processor's queue lets through at present; undefined for everything. */
export async function queueFilter(pipeline: Pipeline): Promise<Filter | undefined> {
  const sns = pipeline.client(SNSClient);
  const subscriptions = await subscriptionsOf(sns, await pipeline.topicArn());
  const { queueName } = pipeline.processor;
  const own = subscriptions.find(({ protocol, endpoint }) => protocol === "sqs" && endpoint.endsWith(`:${queueName}`));
  return own && filterOf(sns, own.arn);
}
