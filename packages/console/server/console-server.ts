import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import { explained } from "@event-pipeline/operations/aws-errors";
import { OperationError } from "@event-pipeline/operations/errors";
import type { StoredEvent } from "@event-pipeline/operations/events/stored-event";
import { readItems } from "@event-pipeline/operations/events/trace/read-items";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import { SAMPLES } from "@event-pipeline/operations/publish/samples";
import type { ErrorAnswer, EventDetail } from "../api";
import { deadLetters, publishOne, redriveLetters } from "./acts";
import type { EventLog } from "./event-log";
import { type EventStream, MAX_READERS } from "./event-stream";
import { PageFiles, SECURITY_HEADERS } from "./page-files";
import { publishRequest, readJson, redriveRequest } from "./requests";
import { type Refusal, refusalOfVisitor, refusalWithoutToken } from "./visitor";

export interface ConsoleServerProps {
  /** TCP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** Where the build has put the page. */
  readonly folder: string;
  readonly log: EventLog;
  readonly stream: EventStream;
  /** What is acted on. */
  readonly pipeline: Pipeline;
  readonly token: string;
  /** Whether reading needs the token too. */
  readonly guarded: boolean;
}

type Route = (request: IncomingMessage, signal: AbortSignal) => Promise<object>;

/** Serves the page and what it reads and does, to this machine's browsers only. */
export class ConsoleServer {
  private readonly server: Server;
  private readonly files: PageFiles;
  private readonly acts: Readonly<Record<string, Route>>;

  private constructor(private readonly props: ConsoleServerProps) {
    const { pipeline, folder } = props;
    this.files = new PageFiles(folder);
    this.acts = {
      "/api/publish": async (request, signal) => publishOne(pipeline, publishRequest(await readJson(request)), signal),
      "/api/dlq/look": async (_, signal) => deadLetters(pipeline, signal),
      "/api/dlq/redrive": async (request, signal) =>
        redriveLetters(pipeline, redriveRequest(await readJson(request)), signal),
    };
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => fail(response, error, pipeline));
    });
  }

  /** @throws EADDRINUSE when the port is taken. */
  static async start(props: ConsoleServerProps): Promise<ConsoleServer> {
    const console = new ConsoleServer(props);
    await new Promise<void>((resolve, reject) => {
      console.server.once("error", reject);
      console.server.listen(props.port, "127.0.0.1", resolve);
    });
    return console;
  }

  /** Without the token. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.props.stream.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const url = `http://127.0.0.1${request.url}`;
    const { pathname, searchParams } = new URL(URL.canParse(url) ? url : "http://127.0.0.1/nowhere");
    const refusal = refusalOfVisitor(request) ?? this.refusal(request, pathname);
    if (refusal) return refuse(response, refusal);
    const act = this.acts[pathname];
    if (act) return answerJson(response, 200, await act(request, closedSignal(response)));
    if (this.files.has(pathname)) return this.files.answer(pathname, response);
    if (pathname === "/api/stream") return this.openStream(request, response);
    const found = await this.read(pathname, searchParams);
    if (found) return answerJson(response, 200, found);
    return refuse(response, { status: 404, error: `There is no ${pathname} here, or no longer.` });
  }

  private refusal(request: IncomingMessage, pathname: string): Refusal | undefined {
    const isAct = Object.hasOwn(this.acts, pathname);
    const method = isAct ? "POST" : "GET";
    if (request.method !== method) return { status: 405, error: `${pathname} is asked with ${method}.` };
    const isGuarded = isAct || (this.props.guarded && pathname.startsWith("/api/"));
    return isGuarded ? refusalWithoutToken(request, this.props.token) : undefined;
  }

  private openStream(request: IncomingMessage, response: ServerResponse): void {
    const { stream } = this.props;
    if (stream.size >= MAX_READERS) {
      refuse(response, { status: 503, error: `${MAX_READERS} pages are open already. Close one.` });
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
    const events: StoredEvent[] = [];
    await readItems(pipeline, [key], (event) => events.push(event));
    const [{ data, ...item } = {} as Partial<StoredEvent>] = events;
    return { body: data, ...detail, ...(data !== undefined && { item }) };
  }
}

/** Aborts when nobody waits for the answer any more. */
function closedSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function decoded(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component; // No id has a broken escape, so none is found.
  }
}

function fail(response: ServerResponse, error: Error, pipeline: Pipeline): void {
  const known = error instanceof OperationError ? error : explained(error, pipeline.description);
  refuse(response, { status: known.kind === "usage" ? 400 : 502, error: known.message });
}

function refuse(response: ServerResponse, { status, error }: Refusal): void {
  const answer: ErrorAnswer = { error };
  if (!response.headersSent) answerJson(response, status, answer);
  else response.destroy();
}

function answerJson(response: ServerResponse, status: number, value: object): void {
  const type = "application/json; charset=utf-8";
  // What is left of a body that was refused is not read.
  if (status >= 400) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(JSON.stringify(value));
}
