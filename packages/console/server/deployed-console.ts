import { SQSClient } from "@aws-sdk/client-sqs";
import { isLoopbackUrl } from "@event-pipeline/node-process/loopback-url";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { cliOptionsOf } from "./cli-options";
import { DeployedFeed } from "./deployed-feed";
import { type Console, startConsole } from "./start-console";

export interface DeployedConsoleProps {
  readonly pipeline: Pipeline;
  /** Shows events that were processed since then. */
  readonly since: Date;
  /** TCP port on 127.0.0.1; 0 for any free port. */
  readonly port: number;
  /** Stops the server. */
  readonly signal: AbortSignal;
}

/** A running page server over a deployment. */
export interface DeployedConsole {
  readonly url: string;
  /** Resolves after the signal stopped the server. */
  readonly ended: Promise<void>;
}

/**
 * Serves the live page of a deployed pipeline, with its user's credentials.
 *
 * @throws EADDRINUSE if the port is taken, and the error of SQS if the queue does not exist.
 *
 * @example
 * const { url, ended } = await startDeployedConsole({ pipeline, since, port: 0, signal });
 */
export async function startDeployedConsole(props: DeployedConsoleProps): Promise<DeployedConsole> {
  const { pipeline, since, port, signal } = props;
  // Fails here, rather than on the page, if the name, the region or the credentials are wrong.
  await pipeline.queue(pipeline.processor.queueName);
  let console: Console | undefined;
  const feed = new DeployedFeed({ pipeline, since, watchers: () => console?.watchers ?? 0 });
  console = await startConsole({
    mode: isLoopbackUrl(pipeline.props.endpoint ?? "") ? "local" : "aws",
    isLive: false,
    unseen: ["archived", "filtered"],
    port,
    orAnyPort: false,
    pipeline,
    region: await pipeline.client(SQSClient).config.region(),
    cliOptions: cliOptionsOf(pipeline.props),
    log: feed.log,
    depths: () => feed.depths,
    trouble: () => feed.trouble,
    notes: [
      `Events and counts come from the function's log since ${since.toISOString().slice(0, 19)}Z. An event appears some seconds after the function processed it. Queue depths are read every five seconds, and SQS needs up to a minute to update them.`,
      "The server reads an event's text when you open it, so the Text filter only searches error codes.",
    ],
  });
  return { url: console.url, ended: feed.run(signal).then(() => console.stop()) };
}
