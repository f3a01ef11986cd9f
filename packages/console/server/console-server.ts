import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { type LoopbackServer, listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import { toOperationError } from "@event-pipeline/operations/aws-errors";
import { OperationError } from "@event-pipeline/operations/errors";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { SAMPLES } from "@event-pipeline/operations/publish/samples";
import { readEvents } from "@event-pipeline/operations/table/stored-event";
import type { ApiErrorBody, EventDetail } from "../api";
import { ACTIONS, readJson } from "./actions";
import type { EventLog } from "./event-log";
import { type EventStream, MAX_READERS } from "./event-stream";
import { PageFiles, SECURITY_HEADERS } from "./page-files";

export interface ConsoleServerProps {
  /** TCP port on 127.0.0.1; 0 for any free port. */
  readonly port: number;
  /** Folder of the bundled page. */
  readonly folder: string;
  readonly log: EventLog;
  readonly stream: EventStream;
  /** The pipeline that actions run against. */
  readonly pipeline: Pipeline;
  readonly token: string;
  /** True if reading requires the token too. */
  readonly isTokenRequiredToRead: boolean;
}

interface HttpError {
  readonly status: number;
  readonly error: string;
}

/** Serves the page and its API on 127.0.0.1. */
export class ConsoleServer {
  private readonly files: PageFiles;

  private constructor(
    private readonly props: ConsoleServerProps,
    private readonly server: LoopbackServer,
  ) {
    this.files = new PageFiles(props.folder);
    server.serve((request, response) => {
      this.answer(request, response).catch((error: Error) => {
        const known = error instanceof OperationError ? error : toOperationError(error, props.pipeline.description);
        sendError(response, { status: known.kind === "usage" ? 400 : 502, error: known.message });
      });
    });
  }

  /** @throws EADDRINUSE if the port is taken. */
  static async start(props: ConsoleServerProps): Promise<ConsoleServer> {
    return new ConsoleServer(props, await listenOnLoopback(props.port));
  }

  /** URL of the page without the token. */
  get url(): string {
    return `${this.server.endpoint}/`;
  }

  async stop(): Promise<void> {
    this.props.stream.close();
    await this.server.stop();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const url = `http://127.0.0.1${request.url}`;
    const { pathname, searchParams } = new URL(URL.canParse(url) ? url : "http://127.0.0.1/nowhere");
    const error = this.reject(request, pathname);
    if (error) return sendError(response, error);
    const action = Object.hasOwn(ACTIONS, pathname) ? ACTIONS[pathname] : undefined;
    if (action) {
      const input = await readJson(request);
      return sendJson(response, 200, await action(this.props.pipeline, input, disconnectSignal(response)));
    }
    if (this.files.has(pathname)) return this.files.answer(pathname, response);
    if (pathname === "/api/stream") return this.openStream(request, response);
    const found = await this.read(pathname, searchParams);
    if (found) return sendJson(response, 200, found);
    return sendError(response, { status: 404, error: `${pathname} does not exist.` });
  }

  private reject({ headers, method }: IncomingMessage, pathname: string): HttpError | undefined {
    const forbidden = originGuard(headers, { server: "This page", sameOriginOnly: true });
    if (forbidden !== undefined) return { status: 403, error: forbidden };
    const isAction = Object.hasOwn(ACTIONS, pathname);
    const expected = isAction ? "POST" : "GET";
    if (method !== expected)
      return { status: 405, error: `Invalid method ${method}: ${pathname} expects ${expected}.` };
    const isGuarded = isAction || (this.props.isTokenRequiredToRead && pathname.startsWith("/api/"));
    return isGuarded ? rejectWithoutToken(headers, this.props.token) : undefined;
  }

  private openStream(request: IncomingMessage, response: ServerResponse): void {
    const { stream } = this.props;
    if (stream.size >= MAX_READERS) {
      sendError(response, { status: 503, error: `${MAX_READERS} pages are open already. Close one.` });
      return;
    }
    const lastEventId = request.headers["last-event-id"];
    stream.connect(response, typeof lastEventId === "string" ? lastEventId : undefined);
  }

  private async read(pathname: string, parameters: URLSearchParams): Promise<object | undefined> {
    const { log } = this.props;
    if (pathname === "/api/samples") return SAMPLES;
    if (pathname === "/api/search") return log.search(parameters.get("text") ?? "");
    const [, messageId] = /^\/api\/events\/([^/]+)$/.exec(pathname) ?? [];
    return messageId === undefined ? undefined : this.detail(decoded(messageId));
  }

  private async detail(messageId: string): Promise<EventDetail | undefined> {
    const { log, pipeline } = this.props;
    const detail = log.detail(messageId);
    const stored = detail?.hops.findLast(({ kind }) => kind === "stored")?.detail;
    if (!detail || !stored) return detail;
    const key = { [PARTITION_KEY]: String(stored[PARTITION_KEY]), [SORT_KEY]: String(stored[SORT_KEY]) };
    const [event] = await readEvents(pipeline, [key]);
    if (!event) return detail;
    const { data, ...item } = event;
    return { body: data, ...detail, item };
  }
}

function rejectWithoutToken({ authorization = "" }: IncomingHttpHeaders, token: string): HttpError | undefined {
  const [, sent = ""] = /^Bearer ([\w-]+)$/.exec(authorization) ?? [];
  // Digests have the same length, which timingSafeEqual requires.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(sent), digest(token))) return undefined;
  const problem = sent === "" ? "Missing token." : "The token is from another start of the server.";
  return { status: 401, error: `${problem} Open the URL that was printed when the server started.` };
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
  // The rest of a rejected body is not read.
  if (status >= 400) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(JSON.stringify(value));
}
