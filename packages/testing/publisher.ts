import { setTimeout as sleep } from "node:timers/promises";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";

/** Publishes batches continuously, even while the run is down, and records the acknowledged events. */
export class Publisher {
  /** IDs of the events that the topic acknowledged. */
  readonly acknowledged: string[] = [];
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly name: string,
    endpoint: string,
    private readonly topicArn: string,
    private readonly padding = "",
  ) {
    // No retries: a retried event could be published without being counted.
    const client = new SNSClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS, maxAttempts: 1 });
    this.running = this.publish(client).finally(() => client.destroy());
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async publish(client: SNSClient): Promise<void> {
    for (let batch = 0; !this.stopping; batch++) {
      const ids = Array.from({ length: 10 }, (_, index) => `${this.name}-${batch}-${index}`);
      const command = new PublishBatchCommand({
        TopicArn: this.topicArn,
        PublishBatchRequestEntries: ids.map((id, index) => ({
          Id: String(index),
          Message: JSON.stringify({ type: "constant", id, padding: this.padding }),
        })),
      });
      try {
        const { Successful = [] } = await client.send(command);
        this.acknowledged.push(...Successful.map(({ Id }) => String(ids[Number(Id)])));
      } catch {
        await sleep(5); // The test expects the run to be down. Unacknowledged events are not counted.
      }
    }
  }
}
