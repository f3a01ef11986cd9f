import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListSubscriptionsCommand, type SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import type { StackJson } from "@event-pipeline/terraform-json/stack-json";
import { endpointOf } from "./resource-types/aws-sns-topic-subscription";
import { isRun } from "./resource-types/registry";

const RECORD = "subscriptions.json";

/**
 * What the stack of the last run subscribed and the stack of this one does
 * not: as Terraform's state would know, so that somebody's own subscriptions
 * stay. Kept in the data folder; without one there is no earlier run.
 */
export class FormerSubscriptions {
  private constructor(
    private readonly record: string | undefined,
    private readonly wanted: readonly string[],
    private readonly former: readonly string[],
  ) {}

  /** To be called before any is made, so that a run that is killed meanwhile leaves none unrecorded. */
  static note(stack: StackJson, dataDir: string | undefined): FormerSubscriptions {
    const record = dataDir === undefined ? undefined : join(dataDir, RECORD);
    const wanted = stack
      .ofType("aws_sns_topic_subscription")
      .filter(isRun)
      .map((block) => endpointOf(stack, block));
    const former = record === undefined ? [] : read(record);
    const all = new FormerSubscriptions(record, wanted, former);
    all.write([...new Set([...former, ...wanted])]);
    return all;
  }

  /** To be called when the stack's own are made. */
  async remove(sns: SNSClient): Promise<void> {
    const gone = new Set(this.former.filter((endpoint) => !this.wanted.includes(endpoint)));
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
    for (const { SubscriptionArn, Endpoint = "" } of Subscriptions) {
      if (gone.has(Endpoint)) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    }
    this.write(this.wanted);
  }

  private write(endpoints: readonly string[]): void {
    if (this.record !== undefined) writeFileSync(this.record, JSON.stringify(endpoints));
  }
}

function read(record: string): string[] {
  try {
    return JSON.parse(readFileSync(record, "utf8")) as string[];
  } catch (error) {
    // None yet, or a kill left it half-written: then what was subscribed stays, and nothing is lost.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
