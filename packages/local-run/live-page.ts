import type { Depth } from "@event-pipeline/console/api";
import { ConsoleServer } from "@event-pipeline/console/server/console-server";
import type { EventLog } from "@event-pipeline/console/server/event-log";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Queue } from "@event-pipeline/local-aws/sqs/queue";
import { cliOptionsOf } from "@event-pipeline/operations/commands";
import { Pipeline } from "@event-pipeline/operations/pipeline";
import type { LocalPipeline } from "./local-pipeline";
import type { LocalRunOptions } from "./options";
import { lastPart, processorNames } from "./outputs";

/** Difference between the page's default port and the run's port. The ports in between are for other runs. */
const PAGE_PORT_DISTANCE = 10;

interface LivePageOptions extends Pick<LocalRunOptions, "port" | "pagePort" | "dataDir"> {
  readonly pipeline: LocalPipeline;
  /** The hops of the run, including those before the page is served. */
  readonly log: EventLog;
}

/**
 * Serves the live page of the local run.
 *
 * @throws LocalRunError when `pagePort` is in use.
 */
export async function serveLivePage({
  pipeline,
  log,
  port: runPort,
  pagePort,
  dataDir,
}: LivePageOptions): Promise<ConsoleServer> {
  const { aws, outputs } = pipeline;
  const { endpoint, region } = aws;
  const { queueName, deadLetterQueueName } = processorNames(outputs);
  const queue = aws.sqs.queueNamed(queueName);
  const deadLetterQueue = aws.sqs.queueNamed(deadLetterQueueName);
  const [archive] = aws.firehose.streams;
  const name = lastPart(outputs.topic_arn, ":").replace(/-events$/, "");
  try {
    return await ConsoleServer.start({
      mode: "local",
      isLive: true,
      keepsData: dataDir !== undefined,
      untracked: [],
      port: pagePort ?? defaultPort(runPort),
      orAnyPort: pagePort === undefined,
      pipeline: new Pipeline({ name, region, endpoint, isLocalRun: true }),
      region,
      cliOptions: cliOptionsOf({ name, region, endpoint, isLocalRun: true }),
      log,
      depths: () => ({
        queue: depthOf(queue),
        deadLetterQueue: depthOf(deadLetterQueue),
        ...(archive && { archive: { waiting: archive.buffered, inFlight: 0, asOf: Date.now() } }),
      }),
      notes: pipeline.shortened,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new LocalRunError(`--page-port ${pagePort} is in use. Choose another port, or omit the option.`);
  }
}

function defaultPort(runPort: number): number {
  const port = runPort + PAGE_PORT_DISTANCE;
  return runPort === 0 || port > 65_535 ? 0 : port;
}

/** Returns the queue's message counts without a request or a receive. */
function depthOf(queue: Queue): Depth {
  const { visible, delayed, inFlight } = queue.counts();
  return { waiting: visible + delayed, inFlight, asOf: Date.now() };
}
