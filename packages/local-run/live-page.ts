import type { Depth } from "@event-pipeline/console/api";
import { cliOptionsOf } from "@event-pipeline/console/server/cli-options";
import { ConsoleServer } from "@event-pipeline/console/server/console-server";
import type { EventLog } from "@event-pipeline/console/server/event-log";
import { ACCOUNT_ID, CREDENTIALS } from "@event-pipeline/local-aws/account";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { SqsQueue } from "@event-pipeline/local-aws/fauxqs/stores";
import { Pipeline } from "@event-pipeline/operations/pipeline";
import type { LocalPipeline } from "./local-pipeline";
import { lastPart, processorNames } from "./outputs";

/** Distance of the page's usual port from the run's port. The ports in between are for further runs. */
const PAGE_PORT_DISTANCE = 10;

interface LivePageProps {
  readonly pipeline: LocalPipeline;
  /** The hops of the run, also those from before the page is served. */
  readonly log: EventLog;
  /** Value of --port. */
  readonly runPort: number;
  /** Port of the page; 0 for any free one. @default - 10 above `runPort`, or any free one */
  readonly pagePort: number | undefined;
}

/**
 * Serves the live page of the local run.
 *
 * @throws LocalRunError when `pagePort` is taken.
 */
export async function serveLivePage({ pipeline, log, runPort, pagePort }: LivePageProps): Promise<ConsoleServer> {
  const { aws, outputs } = pipeline;
  const { endpoint, region } = aws;
  const { queueName, deadLetterQueueName } = processorNames(outputs);
  const queueOf = (name: string) => aws.queue(`arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`);
  const queue = queueOf(queueName);
  const deadLetterQueue = queueOf(deadLetterQueueName);
  const [archive] = aws.deliveryBuffers.byArn.values();
  const name = lastPart(outputs.topic_arn, ":").replace(/-events$/, "");
  try {
    return await ConsoleServer.start({
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
        ...(archive && { archive: { waiting: archive.size, inFlight: 0, asOf: Date.now() } }),
      }),
      notes: pipeline.shortened,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new LocalRunError(`--page-port ${pagePort} is in use. Choose another port, or omit the option.`);
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
