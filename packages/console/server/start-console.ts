import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { HopKind } from "@event-pipeline/event-model/hop";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import type { Depths, Hello } from "../api";
import { ConsoleServer } from "./console-server";
import type { EventLog } from "./event-log";
import { MAX_EVENTS } from "./event-log";
import { EventStream } from "./event-stream";

/** Folder of the bundled page, relative to the bundles that serve it. */
const PAGE_FOLDER = fileURLToPath(new URL("../console", import.meta.url));

export interface ConsoleProps {
  /** The place where the pipeline runs. */
  readonly mode: Hello["mode"];
  /** True if the log receives hops as they happen. The page of the local run is live. */
  readonly isLive: boolean;
  /** Hops that the log never receives. */
  readonly unseen: readonly HopKind[];
  /** TCP port on 127.0.0.1; 0 for any free port. */
  readonly port: number;
  /** Uses any free port if `port` is taken. */
  readonly orAnyPort: boolean;
  readonly pipeline: Pipeline;
  readonly region: string;
  /** Options of `npx event-pipeline` that select this pipeline. */
  readonly cliOptions: string;
  readonly log: EventLog;
  readonly depths: () => Depths;
  /** Reasons why the page is late or incomplete. @default - never */
  readonly trouble?: () => string | undefined;
  readonly notes: readonly string[];
}

/** A running page server. */
export interface Console {
  /** URL to open. It contains the token if reading requires one. */
  readonly url: string;
  /** Number of connected pages. */
  readonly watchers: number;
  stop(): Promise<void>;
}

/**
 * Serves the live page of a pipeline.
 *
 * Actions require a token that is new at each start. The local run is open to
 * every program on this machine, so its page receives the token with the
 * stream, which other pages cannot read: a tab survives a restart. A page over
 * a deployment uses its user's credentials, so reading requires the token too,
 * and only the printed URL has it, in the fragment, which browsers do not send.
 * A cookie would reach every port of 127.0.0.1.
 *
 * @throws EADDRINUSE if the port is taken.
 *
 * @example
 * const console = await startConsole({ mode: "local", isLive: true, port: 0, pipeline, log, … });
 * process.stdout.write(`${console.url}\n`);
 */
export async function startConsole(props: ConsoleProps): Promise<Console> {
  const { mode, isLive, unseen, pipeline, log, depths, trouble, orAnyPort, port, region, cliOptions, notes } = props;
  const token = randomBytes(24).toString("base64url");
  const hello: Hello = {
    mode,
    isLive,
    unseen,
    run: randomUUID(),
    since: Date.now(),
    name: pipeline.name,
    region,
    ...(pipeline.props.endpoint !== undefined && { endpoint: pipeline.props.endpoint }),
    ...(isLive && { token }),
    cliOptions,
    maxEvents: MAX_EVENTS,
    notes,
  };
  const stream = new EventStream({ log, hello, depths, ...(trouble && { trouble }) });
  const server = { folder: PAGE_FOLDER, log, stream, pipeline, token, isTokenRequiredToRead: !isLive };
  const started = await ConsoleServer.start({ ...server, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" || !orAnyPort) throw error;
    return ConsoleServer.start({ ...server, port: 0 });
  });
  return {
    url: isLive ? started.url : `${started.url}#token=${token}`,
    get watchers() {
      return stream.size;
    },
    stop: () => started.stop(),
  };
}
