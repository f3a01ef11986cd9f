import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { type LoopbackServer, listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import { toOperationError } from "@event-pipeline/operations/aws-errors";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { SAMPLES } from "@event-pipeline/operations/publish/samples";
import { readSource } from "@event-pipeline/operations/reading";
import { storedEvent } from "@event-pipeline/operations/table/stored-event";
import { itemJson, readItem } from "@event-pipeline/operations/table/stored-item";
import type { ApiErrorBody, Depths, EventDetail, Hello, SourcesState } from "../api";
import { ACTIONS, readJson } from "./actions";
import { contractsForPage, replacedTimeNotes } from "./contracts";
import { type EventLog, MAX_EVENTS } from "./event-log";
import { EventStream, MAX_PAGES } from "./event-stream";
import { SECURITY_HEADERS, sendPageFile } from "./page-files";
import { withRefusalReason } from "./refusal-reason";

export interface ConsoleServerOptions
  extends Pick<Hello, "mode" | "isLive" | "keepsData" | "untracked" | "region" | "cliOptions" | "notes"> {
  /** TCP port on 127.0.0.1; 0 for any free port. */
  readonly port: number;
  /** True to use any free port if `port` is taken. */
  readonly orAnyPort: boolean;
  /** The pipeline that actions run against. */
  readonly pipeline: Pipeline;
  readonly log: EventLog;
  /** Time from which the log counts hops. @default - the start of the server */
  readonly countsSince?: Date;
  readonly depths: () => Depths;
  /** Returns the state of a deployment's sources. @default - the server observes every hop */
  readonly sources?: () => SourcesState;
}

interface HttpError {
  readonly status: number;
  readonly error: string;
}

/**
 * Serves a pipeline's live page and the page's API on 127.0.0.1.
 *
 * Actions require a token, which the server creates when it starts. The local
 * run sends the token to its page in the stream, which pages of other origins
 * cannot read. An open tab therefore keeps working after a restart. The page of
 * a deployment uses the user's AWS credentials, so reading requires the token
 * too. Only the printed URL contains this token, in the fragment, which browsers
 * do not send. A cookie would be unsafe: browsers send it to every port of 127.0.0.1.
 *
 * @example
 * const server = await ConsoleServer.start({ mode: "local", isLive: true, port: 0, pipeline, log, … });
 * process.stdout.write(`${server.url}\n`);
 */
export class ConsoleServer {
  private readonly token = randomBytes(24).toString("base64url");
  private readonly stream: EventStream;

  private constructor(
    private readonly options: ConsoleServerOptions,
    private readonly server: LoopbackServer,
  ) {
    const { mode, isLive, keepsData, untracked, pipeline, region, cliOptions, notes, log, depths, sources } = options;
    const startedAt = Date.now();
    const hello: Hello = {
      mode,
      isLive,
      keepsData,
      untracked,
      run: randomUUID(),
      since: startedAt,
      countsSince: options.countsSince?.getTime() ?? startedAt,
      name: pipeline.name,
      region,
      ...(isLive && { token: this.token }),
      cliOptions,
      maxEvents: MAX_EVENTS,
      notes,
    };
    this.stream = new EventStream({ log, hello, depths, ...(sources && { sources }) });
    server.serve((request, response) => {
      this.handle(request, response).catch((error: Error) => {
        const { kind, message } = toOperationError(error, pipeline.description);
        sendError(response, { status: kind === "usage" ? 400 : 502, error: message });
      });
    });
  }

  /** @throws EADDRINUSE if the port is taken. */
  static async start(options: ConsoleServerOptions): Promise<ConsoleServer> {
    const server = await listenOnLoopback(options.port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" || !options.orAnyPort) throw error;
      return listenOnLoopback(0);
    });
    return new ConsoleServer(options, server);
  }

  /** The page's URL. It contains the token if reading requires the token. */
  get url(): string {
    return `${this.server.endpoint}/${this.options.isLive ? "" : `#token=${this.token}`}`;
  }

  /** Number of connected pages. */
  get watchers(): number {
    return this.stream.size;
  }

  async stop(): Promise<void> {
    this.stream.close();
    await this.server.stop();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const url = `http://127.0.0.1${request.url}`;
    const { pathname, searchParams } = new URL(URL.canParse(url) ? url : "http://127.0.0.1/nowhere");
    const action = Object.hasOwn(ACTIONS, pathname) ? ACTIONS[pathname] : undefined;
    const error = this.reject(request, pathname, action !== undefined);
    if (error) return sendError(response, error);
    if (action) {
      const input = await readJson(request);
      return sendJson(response, 200, await action(this.options.pipeline, input, disconnectSignal(response)));
    }
    if (await sendPageFile(pathname, response)) return;
    if (pathname === "/api/stream") return this.openStream(request, response);
    const found = await this.read(pathname, searchParams, disconnectSignal(response));
    if (found) return sendJson(response, 200, found);
    const isEvent = pathname.startsWith("/api/events/");
    const reason = isEvent
      ? `This event is not in the list, which keeps the newest ${MAX_EVENTS.toLocaleString("en-US")} events since the server started. "Copy command" finds out where it is.`
      : `${pathname} does not exist.`;
    return sendError(response, { status: 404, error: reason });
  }

  private reject({ headers, method }: IncomingMessage, pathname: string, isAction: boolean): HttpError | undefined {
    const forbidden = originGuard(headers, { server: "This page", sameOriginOnly: true });
    if (forbidden !== undefined) return { status: 403, error: forbidden };
    const expected = isAction ? "POST" : "GET";
    if (method !== expected)
      return { status: 405, error: `Invalid method ${method}: ${pathname} expects ${expected}.` };
    const isGuarded = isAction || (!this.options.isLive && pathname.startsWith("/api/"));
    return isGuarded ? rejectWithoutToken(headers, this.token) : undefined;
  }

  private openStream(request: IncomingMessage, response: ServerResponse): void {
    const lastEventId = request.headers["last-event-id"];
    if (this.stream.size < MAX_PAGES) this.stream.connect(response, lastEventId?.toString());
    else sendError(response, { status: 503, error: `${MAX_PAGES} pages are already connected. Close one of them.` });
  }

  private async read(pathname: string, parameters: URLSearchParams, signal: AbortSignal): Promise<object | undefined> {
    if (pathname === "/api/samples") return SAMPLES;
    if (pathname === "/api/contracts") return contractsForPage(this.options.pipeline);
    if (pathname === "/api/search") return this.options.log.search(parameters.get("text") ?? "");
    const [, messageId] = /^\/api\/events\/([^/]+)$/.exec(pathname) ?? [];
    return messageId === undefined ? undefined : this.detail(decoded(messageId), signal);
  }

  private async detail(messageId: string, signal: AbortSignal): Promise<EventDetail | undefined> {
    const { log, pipeline, isLive } = this.options;
    const detail = log.detail(messageId);
    const stored = detail?.hops.findLast(({ kind }) => kind === "stored")?.detail;
    if (!detail) return undefined;
    // The local run observes the dead letter, with its reason.
    if (!stored) return isLive ? detail : withRefusalReason(pipeline, detail, signal);
    const key = { [PARTITION_KEY]: String(stored[PARTITION_KEY]), [SORT_KEY]: String(stored[SORT_KEY]) };
    const reading = await readSource(() => readItem(pipeline, key), pipeline.description);
    if (reading.state === "not known") {
      return { ...detail, notes: [`The stored item is not known. ${reading.error.message}`] };
    }
    if (reading.state === "not there") return { ...detail, notes: ["The table no longer has the item."] };
    const event = storedEvent(reading.value);
    const { data, subject, attributes, mapped_by: mappedBy } = event;
    return {
      ...detail,
      // The log of a deployment does not have the message, but the item does.
      body: detail.body ?? data,
      subject: subject ?? detail.subject,
      attributes: { ...attributes, ...detail.attributes },
      mappedBy,
      item: itemJson(reading.value),
      notes: await replacedTimeNotes(pipeline, event),
    };
  }
}

function rejectWithoutToken({ authorization = "" }: IncomingHttpHeaders, token: string): HttpError | undefined {
  const [, sent = ""] = /^Bearer ([\w-]+)$/.exec(authorization) ?? [];
  // timingSafeEqual requires equal lengths, which digests have.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(sent), digest(token))) return undefined;
  const problem = sent === "" ? "Missing token" : "Invalid token";
  return { status: 401, error: `${problem}. Open the URL that the server printed when it last started.` };
}

/** Returns a signal that aborts when the client disconnects. */
function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function decoded(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component; // An invalid escape matches no message ID.
  }
}

function sendError(response: ServerResponse, { status, error }: HttpError): void {
  const body: ApiErrorBody = { error };
  if (!response.headersSent) sendJson(response, status, body);
  else response.destroy();
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const type = "application/json; charset=utf-8";
  // Closes the connection, because the server may not have read the whole body.
  if (status >= 400) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(JSON.stringify(value));
}
