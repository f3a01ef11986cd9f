import type { Depth } from "@event-pipeline/console/api";
import { cliOptionsOf } from "@event-pipeline/console/server/cli-options";
import { EventLog } from "@event-pipeline/console/server/event-log";
import { type Console, startConsole } from "@event-pipeline/console/server/start-console";
import type { Hop } from "@event-pipeline/event-model/hop";
import { ACCOUNT_ID, CREDENTIALS } from "@event-pipeline/local-aws/account";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { SqsQueue } from "@event-pipeline/local-aws/fauxqs/fauxqs";
import { Pipeline } from "@event-pipeline/operations/pipeline";
import type { TopicMessage } from "./hops/hop-tracker";
import type { LocalPipeline } from "./local-pipeline";

/** Distance of the page's usual port from the run's port. The ports in between are for further runs. */
const PAGE_PORT_DISTANCE = 10;

/** Outputs of the stack that the page needs. */
export const PAGE_OUTPUTS = ["topic_arn", "queue_url", "dlq_url", "function_name"] as const;

/** The live page of the local run. It logs all hops, also while nobody watches. */
export class LivePage {
  private readonly log: EventLog;
  private console: Console | undefined;

  private constructor(private readonly consumer: ConstructorParameters<typeof EventLog>[0]) {
    this.log = new EventLog(consumer);
  }

  /** Creates the page; undefined when the stack lacks one of `PAGE_OUTPUTS`. */
  static of(outputs: Readonly<Record<string, unknown>>): LivePage | undefined {
    if (PAGE_OUTPUTS.some((name) => outputs[name] === undefined)) return undefined;
    return new LivePage({
      queueName: lastPart(outputs.queue_url),
      deadLetterQueueName: lastPart(outputs.dlq_url),
      functionName: String(outputs.function_name),
    });
  }

  published(message: TopicMessage): void {
    this.log.published(message, message.at);
  }

  hop(hop: Hop): void {
    this.log.hop(hop);
  }

  /**
   * Serves the page.
   *
   * @param runPort - Value of --port.
   * @param pagePort - Port of the page; 0 for any free one. @default - 10 above `runPort`, or any free one
   * @returns its URL.
   * @throws LocalRunError when `pagePort` is taken.
   */
  async serve(pipeline: LocalPipeline, runPort: number, pagePort: number | undefined): Promise<string> {
    const { aws, outputs } = pipeline;
    const { endpoint, region } = aws;
    const queueOf = (name: string) => aws.queue(`arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`);
    const queue = queueOf(this.consumer.queueName);
    const deadLetterQueue = queueOf(this.consumer.deadLetterQueueName);
    const [archive] = aws.deliveryBuffers.all;
    const name = lastPart(outputs.topic_arn, ":").replace(/-events$/, "");
    try {
      this.console = await startConsole({
        mode: "local",
        isLive: true,
        unseen: [],
        port: pagePort ?? usualPort(runPort),
        orAnyPort: pagePort === undefined,
        pipeline: new Pipeline({ name, region, endpoint, credentials: CREDENTIALS }),
        region,
        cliOptions: cliOptionsOf({ name, endpoint }),
        log: this.log,
        depths: () => ({
          queue: depthOf(queue),
          deadLetterQueue: depthOf(deadLetterQueue),
          ...(archive && { archive: { waiting: archive.size, inFlight: 0, asOf: Date.now() } }),
        }),
        notes: pipeline.shortened,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      throw new LocalRunError(`--page-port ${pagePort} is in use. Choose another port, or omit the option.`);
    }
    return this.console.url;
  }

  async stop(): Promise<void> {
    await this.console?.stop();
  }
}

function usualPort(runPort: number): number {
  const port = runPort + PAGE_PORT_DISTANCE;
  return runPort === 0 || port > 65_535 ? 0 : port;
}

/** Reads the counts from the queue's memory, without a request or a receive. */
function depthOf({ messages, inflightMessages, delayedMessages }: SqsQueue): Depth {
  return { waiting: messages.length + delayedMessages.length, inFlight: inflightMessages.size, asOf: Date.now() };
}

function lastPart(text: unknown, separator = "/"): string {
  return String(text).slice(String(text).lastIndexOf(separator) + 1);
}
