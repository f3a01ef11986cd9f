import type { Depth } from "@event-pipeline/console/api";
import { cliOptionsOf } from "@event-pipeline/console/server/cli-options";
import { EventLog } from "@event-pipeline/console/server/event-log";
import { type Console, startConsole } from "@event-pipeline/console/server/start-console";
import type { Hop } from "@event-pipeline/event-model/hop";
import { ACCOUNT_ID, CREDENTIALS } from "@event-pipeline/local-aws/account";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { SqsQueue } from "@event-pipeline/local-aws/fauxqs/fauxqs";
import { Pipeline } from "@event-pipeline/operations/pipeline";
import { streamArn } from "./archive/stream-arn";
import type { PublishedMessage } from "./hops/hop-tracker";
import type { LocalPipeline } from "./local-pipeline";

/** Ports that the page's is above the run's: the next ones are for further runs. */
const PAGE_PORT_DISTANCE = 10;

/** Outputs of the stack that say what there is to show. */
export const OUTPUTS = ["topic_arn", "queue_url", "dlq_url", "function_name"] as const;

/** The page over the local run: what the run sees goes into its log, whether anybody looks or not. */
export class LivePage {
  private log: EventLog | undefined;
  /** What happens before there is a log; undefined when there will be none. */
  private early: ((log: EventLog) => void)[] | undefined = [];
  private console: Console | undefined;

  published(message: PublishedMessage): void {
    this.tell((log) => log.published(message, message.at));
  }

  hop(hop: Hop): void {
    this.tell((log) => log.hop(hop));
  }

  /**
   * Serves the page.
   *
   * @param runPort - The run's as it was asked for.
   * @param pagePort - 0 for any free one; undefined for the usual one, or any where that is taken.
   * @returns its URL; undefined where the stack does not say what the page would show.
   * @throws LocalRunError when the port is taken.
   */
  async start(pipeline: LocalPipeline, runPort: number, pagePort: number | undefined): Promise<string | undefined> {
    const { aws, outputs } = pipeline;
    if (OUTPUTS.some((name) => outputs[name] === undefined)) {
      this.early = undefined;
      return undefined;
    }
    const consumer = {
      queueName: lastPart(outputs.queue_url),
      deadLetterQueueName: lastPart(outputs.dlq_url),
      functionName: String(outputs.function_name),
    };
    const log = new EventLog(consumer);
    for (const happen of this.early ?? []) happen(log);
    this.early = undefined;
    this.log = log;
    const [stream] = pipeline.stack.ofType("aws_kinesis_firehose_delivery_stream");
    const queueOf = (name: string) => aws.queue(`arn:aws:sqs:${aws.region}:${ACCOUNT_ID}:${name}`);
    const queue = queueOf(consumer.queueName);
    const deadLetterQueue = queueOf(consumer.deadLetterQueueName);
    const intake = stream && aws.intakes.open(streamArn(stream, aws.region));
    const { endpoint, region } = aws;
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
        log,
        depths: () => ({
          queue: depthOf(queue),
          deadLetterQueue: depthOf(deadLetterQueue),
          ...(intake && { archive: { waiting: intake.size, inFlight: 0, asOf: Date.now() } }),
        }),
        notes: pipeline.shortened,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      throw new LocalRunError(`--page-port is ${pagePort}, which is taken. Choose another, or leave it out.`);
    }
    return this.console.url;
  }

  async stop(): Promise<void> {
    await this.console?.stop();
  }

  private tell(happen: (log: EventLog) => void): void {
    if (this.log) happen(this.log);
    else this.early?.push(happen);
  }
}

function usualPort(runPort: number): number {
  const port = runPort + PAGE_PORT_DISTANCE;
  return runPort === 0 || port > 65_535 ? 0 : port;
}

/** Read from the queue itself: no request, and no receive. */
function depthOf({ messages, inflightMessages, delayedMessages }: SqsQueue): Depth {
  return { waiting: messages.length + delayedMessages.length, inFlight: inflightMessages.size, asOf: Date.now() };
}

function lastPart(text: unknown, separator = "/"): string {
  return String(text).slice(String(text).lastIndexOf(separator) + 1);
}
