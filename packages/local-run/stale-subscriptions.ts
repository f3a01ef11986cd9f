import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListSubscriptionsCommand, type SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import type { StackJson } from "@event-pipeline/terraform-json/stack-json";
import { isRun } from "./resources/resource-types";
import { endpointOf } from "./resources/topic-subscription";

/**
 * Removes the subscriptions that an earlier run's stack had and this one has
 * not. Like Terraform's state, a record in the data folder tells them from
 * subscriptions that the user made.
 */
export class StaleSubscriptions {
  private constructor(
    private readonly file: string,
    private readonly current: readonly string[],
    private readonly recorded: readonly string[],
  ) {}

  /** Records the stack's subscriptions before they are created, so that a killed run leaves none unrecorded. */
  static record(stack: StackJson, dataDir: string): StaleSubscriptions {
    const file = join(dataDir, "subscriptions.json");
    const blocks = stack.ofType("aws_sns_topic_subscription").filter(isRun);
    const current = blocks.map((block) => endpointOf(stack, block));
    const recorded = read(file);
    writeFileSync(file, JSON.stringify([...new Set([...recorded, ...current])]));
    return new StaleSubscriptions(file, current, recorded);
  }

  async remove(sns: SNSClient): Promise<void> {
    const stale = this.recorded.filter((endpoint) => !this.current.includes(endpoint));
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
    for (const { SubscriptionArn, Endpoint = "" } of Subscriptions) {
      if (stale.includes(Endpoint)) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    }
    writeFileSync(this.file, JSON.stringify(this.current));
  }
}

function read(file: string): string[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as string[];
  } catch (error) {
    // Missing, or half-written by a killed run: all subscriptions stay.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
