import { SQSClient } from "@aws-sdk/client-sqs";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { cliOptionsOf, type PipelineAddress } from "./cli-options";
import { DeployedFeed } from "./deployed-feed";
import { type Console, startConsole } from "./start-console";

const LOOPBACK = /^https?:\/\/(127\.|localhost[:/]|\[::1\])/;

export interface DeployedConsoleProps {
  readonly pipeline: Pipeline;
  readonly address: PipelineAddress;
  readonly since: Date;
  /** TCP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** A page over a deployment. */
export interface DeployedConsole {
  readonly url: string;
  /** Resolves once the signal has ended it. */
  readonly ended: Promise<void>;
}

/**
 * Serves the page over a deployed pipeline, with its user's credentials.
 *
 * @throws EADDRINUSE when the port is taken, and whatever SQS answers when there is no such queue.
 */
export async function startDeployedConsole(props: DeployedConsoleProps): Promise<DeployedConsole> {
  const { pipeline, address, since, port, signal } = props;
  // What is wrong with name, region and credentials is said here, rather than on the page.
  await pipeline.queueUrl(pipeline.processor.queueName);
  let console: Console | undefined;
  const feed = new DeployedFeed({ pipeline, since, watchers: () => console?.watchers ?? 0 });
  console = await startConsole({
    mode: LOOPBACK.test(address.endpoint ?? "") ? "local" : "aws",
    isLive: false,
    unseen: ["archived", "filtered"],
    port,
    orAnyPort: false,
    pipeline,
    region: await pipeline.client(SQSClient).config.region(),
    cliOptions: cliOptionsOf(address),
    log: feed.log,
    depths: () => feed.depths,
    trouble: () => feed.trouble,
    notes: [
      `Events and counts are what the function's log says since ${since.toISOString().slice(0, 19)}Z: an event comes up once the function has had it, and CloudWatch has its line some seconds later. Queues are counted every five seconds; SQS's counts settle within a minute.`,
      "An event's text is read when you open it, so the filter Text looks into error codes alone.",
    ],
  });
  return { url: console.url, ended: feed.run(signal).then(() => console.stop()) };
}
