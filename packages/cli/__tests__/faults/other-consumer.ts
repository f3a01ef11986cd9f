import type { SQSClient } from "@aws-sdk/client-sqs";
import { counts, receive } from "@event-pipeline/testing/queues";
import type { FaultMatrix } from "./matrix";

/** Another consumer, which receives up to ten messages of a queue and holds them. */
export class OtherConsumer {
  /** The number of messages that it holds. */
  held = 0;

  constructor(
    private readonly sqs: SQSClient,
    private readonly matrix: FaultMatrix,
  ) {}

  async receive(queueUrl: string): Promise<void> {
    this.held = (await receive(this.sqs, queueUrl, { VisibilityTimeout: 300 })).length;
  }

  /** Returns a problem unless all messages are in the queue, and visible if this consumer does not hold them. */
  async untouched(queueUrl: string, messages: number): Promise<string[]> {
    const now = await counts(this.sqs, queueUrl);
    if (this.matrix.haveLeasesEnded) return [];
    return now.join() === `${messages - this.held},${this.held},0` ? [] : [`the queue has ${now.join()} messages`];
  }
}
