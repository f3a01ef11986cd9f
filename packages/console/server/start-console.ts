import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { HopKind } from "@event-pipeline/event-model/hop";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import type { Depths, Hello } from "../api";
import { ConsoleServer } from "./console-server";
import type { EventLog } from "./event-log";
import { MAX_EVENTS } from "./event-log";
import { EventStream } from "./event-stream";
import { newToken } from "./visitor";

/** Where the build puts the page, seen from the bundles that start this. */
const PAGE_FOLDER = fileURLToPath(new URL("../console", import.meta.url));

export interface ConsoleProps {
  readonly mode: Hello["mode"];
  readonly isLive: boolean;
  readonly unseen: readonly HopKind[];
  /** TCP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** Whether any free port will do where that one is taken. */
  readonly orAnyPort: boolean;
  readonly pipeline: Pipeline;
  readonly region: string;
  readonly cliOptions: string;
  readonly log: EventLog;
  readonly depths: () => Depths;
  readonly trouble?: () => string | undefined;
  readonly notes: readonly string[];
}

/** A page that is served. */
export interface Console {
  /** To be opened; over a deployment it has the token. */
  readonly url: string;
  /** Pages that are connected. */
  readonly watchers: number;
  stop(): Promise<void>;
}

/**
 * Serves the page over a pipeline.
 *
 * An act needs the token of this start. The local run answers every program of
 * this machine at its own port anyway, so its page gets the token with the
 * stream, where no other page can read it: there it keeps others' pages from
 * acting, and a tab survives a restart. Over a deployment reading needs it too,
 * for that spends its user's credentials, and it is in the printed URL alone:
 * behind the `#`, which no browser sends anywhere. Not in a cookie: those go
 * to every port of 127.0.0.1.
 *
 * @throws EADDRINUSE when the port is taken.
 */
export async function startConsole(props: ConsoleProps): Promise<Console> {
  const { mode, isLive, unseen, pipeline, log, depths, trouble, orAnyPort, port, region, cliOptions, notes } = props;
  const token = newToken();
  // The local run's own: whoever reaches it can reach the run itself.
  const guarded = !isLive;
  const hello: Hello = {
    mode,
    isLive,
    unseen,
    run: randomUUID(),
    since: Date.now(),
    name: pipeline.name,
    region,
    ...(pipeline.endpoint !== undefined && { endpoint: pipeline.endpoint }),
    ...(!guarded && { token }),
    cliOptions,
    maxEvents: MAX_EVENTS,
    notes,
  };
  const stream = new EventStream({ log, hello, depths, ...(trouble && { trouble }) });
  const server = { folder: PAGE_FOLDER, log, stream, pipeline, token, guarded };
  const started = await ConsoleServer.start({ ...server, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" || !orAnyPort) throw error;
    return ConsoleServer.start({ ...server, port: 0 });
  });
  return {
    url: guarded ? `${started.url}#token=${token}` : started.url,
    get watchers() {
      return stream.size;
    },
    stop: () => started.stop(),
  };
}
