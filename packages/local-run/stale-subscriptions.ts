import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListSubscriptionsCommand, type SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import type { SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { runsLocally } from "./resources/resources";
import { endpointOf } from "./resources/subscription-endpoint";

/**
 * Records the stack's subscriptions in the data folder before they are created, so that a killed run leaves none
 * unrecorded. Like Terraform's state, the record distinguishes them from subscriptions that the user created.
 *
 * @returns a function that removes the recorded subscriptions that are not in this stack.
 */
export function recordSubscriptions(stack: SynthesizedStack, dataDir: string): (sns: SNSClient) => Promise<void> {
  const file = join(dataDir, "subscriptions.json");
  const blocks = stack.ofType("aws_sns_topic_subscription").filter(runsLocally);
  const current = blocks.map((block) => endpointOf(stack, block));
  const recorded = read(file);
  writeFileSync(file, JSON.stringify([...new Set([...recorded, ...current])]));
  return async (sns) => {
    const stale = recorded.filter((endpoint) => !current.includes(endpoint));
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
    for (const { SubscriptionArn, Endpoint = "" } of Subscriptions) {
      if (stale.includes(Endpoint)) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    }
    writeFileSync(file, JSON.stringify(current));
  };
}

function read(file: string): string[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as string[];
  } catch (error) {
    // The file is missing, or incomplete because a run was killed: remove no subscription.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
