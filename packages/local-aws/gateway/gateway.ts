import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline, Readable } from "node:stream";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import { type FormNode, formTree, parseForm } from "../protocols/form";
import { type HandledMembers, handledMembers } from "../protocols/handled-members";
import { InvalidInput, NotSupported } from "../protocols/invalid-input";
import type { ErrorReply, HttpRequest, HttpResponse, ProtocolName } from "../protocols/protocol";
import { PROTOCOLS } from "../protocols/protocols";
import type { SupportedOperation } from "../protocols/shape";
import { moveParametersToHeaders, s3Target } from "../s3/s3-target";
import type { Caller, Callers } from "./caller";
import { BodyReader, SMALL_BYTES } from "./request-body";
import { cborTarget, jsonTarget, type RequestHead, RestRoutes, requestHead, restSigningName } from "./route";
import type { AnyAction, RequestContext, ServiceDefinition } from "./service";
import { actionList, serviceList } from "./supported-actions";

/** Limit of a form: 1 MiB of messages, which percent-encoding triples, and the same size for the rest. */
const FORM_LIMIT = { maxBytes: 6 * 1024 * 1024, errorCode: "RequestEntityTooLarge" };

/** Maximum pause within a body, in milliseconds. */
const IDLE_MS = 30_000;

/** Maximum time that the rest of a body is read after the response, in milliseconds. */
const DRAIN_MS = 30_000;

/** IAM is global: clients sign its requests for this region. */
const GLOBAL_SCOPE = "iam us-east-1";

/** A supported operation, ready to run. */
interface RunningOperation {
  readonly operation: SupportedOperation;
  readonly action: AnyAction<never>;
  readonly handled: HandledMembers;
}

/** A service with its state, ready to answer. */
class RunningService {
  readonly routes: RestRoutes | undefined;
  readonly operations: ReadonlyMap<string, RunningOperation>;

  constructor(
    readonly definition: ServiceDefinition<never>,
    readonly state: never,
  ) {
    const { schemas, actions, protocols } = definition;
    const isRest = protocols.some((protocol) => protocol.startsWith("rest-"));
    this.routes = isRest ? new RestRoutes(schemas.operations, actions) : undefined;
    this.operations = new Map(
      Object.entries(actions).map(([name, action]) => {
        const operation = schemas.operations[name] as SupportedOperation;
        return [name, { operation, action, handled: handledMembers(action.handles) }];
      }),
    );
  }
}

/** A service and its state. */
export interface ServiceWithState<State> {
  readonly definition: ServiceDefinition<State>;
  readonly state: State;
}

export interface GatewayOptions extends Pick<Host, "endpoint" | "region" | "clock" | "storage"> {
  readonly callers: Callers;
  // biome-ignore lint/suspicious/noExplicitAny: each service has a state of its own type.
  readonly services: readonly ServiceWithState<any>[];
}

/** The operation that a request asks for. */
interface Requested {
  /** The service; undefined if it is unknown. */
  readonly service: RunningService | undefined;
  /** Name of the service, even of an unknown one; an empty string if the request names none. */
  readonly serviceName: string;
  /** Name of the operation; for an unknown one, the text in the request. */
  readonly name: string;
  readonly form?: FormNode | undefined;
  /** Path without the query, and without the name of a bucket. */
  readonly path?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Receives the requests of all services on one port: decodes them by AWS's schemas, runs their actions, and responds when
 * their changes are durable. Everything that is not supported gets status 501 in the service's own format.
 *
 * Unless the state is `open`, it accepts only requests of internal callers. Therefore, no event is acknowledged before its
 * subscriptions exist, and functions can finish while the run stops.
 */
export class Gateway {
  state: "starting" | "open" | "stopping" = "starting";
  private readonly services: readonly RunningService[];
  private readonly bodies = new BodyReader();
  /** Aborted when the gateway stops, to end long polls. */
  private readonly stopping = new AbortController();

  constructor(private readonly options: GatewayOptions) {
    setMaxListeners(0, this.stopping.signal); // Each long poll listens.
    this.services = options.services.map(
      ({ definition, state }) => new RunningService(definition as never, state as never),
    );
  }

  /** Ends all long polls. */
  stop(): void {
    this.state = "stopping";
    this.stopping.abort();
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that takes the gateway for its proxy sends the whole URL.
    message.url = message.url?.replace(/^https?:\/\/[^/?]*\/?/i, "/");
    const head = requestHead(message);
    const { protocol } = head;
    const requestId = randomUUID();
    let service: RunningService | undefined;
    const errorReply = (error: unknown) =>
      PROTOCOLS[protocol].encodeError(this.errorOf(error, service, protocol), service?.definition, message, requestId);
    let reply: HttpResponse;
    try {
      endIfIdle(message);
      const caller = this.authorize(message, head);
      const requested = await this.requested(message, head);
      service = requested.service;
      reply = await this.respond(requested, caller, message, response, head, requestId);
    } catch (error) {
      reply = errorReply(error);
    }
    try {
      send(message, response, reply);
    } catch (error) {
      // A header of the output has a character that HTTP does not allow.
      if (reply.body instanceof Readable) reply.body.destroy();
      send(message, response, errorReply(error));
    }
  }

  private async respond(
    { service, serviceName, name, form, path, labels = {} }: Requested,
    caller: Caller,
    message: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    requestId: string,
  ): Promise<HttpResponse> {
    const { protocol, query } = head;
    const running = service?.operations.get(name);
    if (!service || !running || !service.definition.protocols.includes(protocol)) {
      throw new NotSupported(
        `${serviceName.slice(0, 100)} ${name.slice(0, 200)}`.trim() || "a request without an action",
      );
    }
    const { endpoint, region, clock, storage } = this.options;
    const { definition, state } = service;
    const { maxBodyBytes: maxBytes, tooLargeCode: errorCode = definition.unparsableCode, openBody } = definition;
    const stream = () => openBody?.(message, name) ?? message;
    const body = () => this.bodies.read(message, { maxBytes, errorCode }, openBody && stream);
    const request: HttpRequest = { message, path: path ?? head.path, query, labels, form, body, stream };
    const context: RequestContext = {
      caller,
      requestId,
      endpoint,
      region,
      clock,
      request: message,
      disconnected: () => this.disconnectedSignal(response),
    };
    try {
      const { operation, action, handled } = running;
      const input = await PROTOCOLS[protocol].decode(request, definition, operation, handled);
      const output = ((await action.run(input, state, context)) ?? {}) as object;
      await storage.flush();
      return PROTOCOLS[protocol].encode(output, definition, operation, message, requestId);
    } catch (error) {
      if (error instanceof InvalidInput) throw definition.invalidInput(error, name);
      if (error instanceof NotSupported) throw new NotSupported(`${definition.name} ${name} with ${error.what}`);
      await storage.flush(); // An error may follow a change: a batch of which a part failed, or a message that moved.
      throw error;
    }
  }

  /** Returns a signal that aborts when the client disconnects or the gateway stops. */
  private disconnectedSignal(response: ServerResponse): AbortSignal {
    const { signal: stopping } = this.stopping;
    // The response may have emitted its "close" already.
    if (stopping.aborted || response.destroyed) return AbortSignal.abort();
    const disconnected = new AbortController();
    const abort = () => disconnected.abort();
    stopping.addEventListener("abort", abort);
    response.once("close", () => {
      stopping.removeEventListener("abort", abort);
      abort();
    });
    return disconnected.signal;
  }

  private async requested(message: IncomingMessage, head: RequestHead): Promise<Requested> {
    const { protocol, scope, path, query } = head;
    const by = (property: "targetPrefix" | "signingName" | "queryVersion", value: string) =>
      this.services.find(({ definition }) => definition[property] === value);
    if (protocol === "json" || protocol === "cbor") {
      const [serviceName, name] = protocol === "json" ? jsonTarget(message) : cborTarget(path);
      const service = by("targetPrefix", serviceName);
      return { service, serviceName: service?.definition.name ?? serviceName, name };
    }
    if (protocol === "query") {
      const form = await this.readForm(message, head);
      const { signingName = "" } = scope;
      const service = by("queryVersion", form.nodes.get("Version")?.text ?? "") ?? by("signingName", signingName);
      const name = form.nodes.get("Action")?.text ?? "";
      return { service, serviceName: service?.definition.name ?? signingName, name, form };
    }
    const signingName = restSigningName(scope, path);
    const service = by("signingName", signingName);
    const serviceName = service?.definition.name ?? signingName;
    if (protocol === "rest-json") {
      const operation = service?.routes?.find(message, path, query, false);
      return { service, serviceName, name: operation?.name ?? `${message.method} ${path}` };
    }
    // An action that stops reading a body must not close the connection, because the client still needs the response.
    message[Symbol.asyncIterator] = () => message.iterator({ destroyOnReturn: false });
    moveParametersToHeaders(message, query);
    const { bucket, key } = s3Target(message);
    const operation = service?.routes?.find(message, `/${key}`, query, bucket !== "");
    return {
      service,
      serviceName,
      name: operation?.name ?? `${message.method} ${path}`,
      path: `/${key}`,
      labels: bucket === "" ? {} : { Bucket: bucket, ...(key && { Key: key }) },
    };
  }

  /** Reads the parameters of the query protocol from the URL and the body. */
  private async readForm(message: IncomingMessage, { path, query }: RequestHead): Promise<FormNode> {
    const form = message.method === "POST" ? parseForm(String(await this.bodies.read(message, FORM_LIMIT))) : [];
    const names = new Set(form.map(([name]) => name));
    form.push(...[...query].filter(([name]) => !names.has(name)));
    // A request to the URL of a queue needs no parameter QueueUrl.
    if (path !== "/" && !names.has("QueueUrl") && !query.has("QueueUrl")) {
      form.push(["QueueUrl", this.options.endpoint + path.replace(/\/$/, "")]);
    }
    return formTree(form);
  }

  /**
   * Returns who sent a request.
   *
   * @throws AwsError when the gateway must not run it.
   */
  private authorize(message: IncomingMessage, { protocol, scope }: RequestHead): Caller {
    const rejection = originGuard(message.headers, { server: "the local run" });
    if (rejection !== undefined) throw new AwsError("AccessDenied", rejection, 403);
    const { callers, region } = this.options;
    const caller = callers.find(scope.accessKeyId);
    // SDKs retry after a 503, so clients wait until the run is ready.
    if (this.state !== "open" && !caller.internal) {
      throw new AwsError("ServiceUnavailable", `The local run is ${this.state}.`, 503);
    }
    const isHere = scope.region === undefined || scope.region === region;
    if (!isHere && `${scope.signingName} ${scope.region}` !== GLOBAL_SCOPE) {
      const fix = `set AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`;
      const text = `The request is signed for ${scope.region}, but the local run is in ${region}: ${fix}.`;
      throw new AwsError("InvalidRegion", text);
    }
    if (protocol === "json" && message.method !== "POST") {
      const text = `Invalid method ${message.method}: a request with X-Amz-Target must use POST.`;
      throw new AwsError("MethodNotAllowed", text, 405);
    }
    return caller;
  }

  private errorOf(error: unknown, service: RunningService | undefined, protocol: ProtocolName): ErrorReply {
    const { code, status: ownStatus, message, details, headers } = this.awsError(error, service, protocol);
    const { errors = {} } = service?.definition.schemas ?? {};
    const schema = Object.hasOwn(errors, code) ? errors[code] : undefined;
    const status = ownStatus ?? schema?.status ?? 400;
    return { code, queryCode: schema?.queryCode ?? code, status, message, details, headers };
  }

  private awsError(error: unknown, service: RunningService | undefined, protocol: ProtocolName): AwsError {
    if (error instanceof AwsError) return error;
    if (error instanceof NotSupported) {
      const list = service ? actionList(service.definition) : serviceList(this.options.services);
      return new AwsError(UNKNOWN_ACTION[protocol], `The local run does not support ${error.what}. ${list}`, 501);
    }
    const code = protocol === "rest-xml" ? "InternalError" : "InternalFailure";
    return new AwsError(code, `The local run failed: ${(error as Error).message}`, 500);
  }
}

/** Ends the connection when a large body makes no progress, because it may hold memory. */
function endIfIdle(message: IncomingMessage): void {
  const { "content-length": length = 0, "transfer-encoding": chunked } = message.headers;
  if (chunked === undefined && Number(length) <= SMALL_BYTES) return;
  message.socket.setTimeout(IDLE_MS);
  message.once("end", () => message.socket.setTimeout(0));
}

/** AWS's code for an action that does not exist; the same for what is not supported here. */
const UNKNOWN_ACTION: Readonly<Record<ProtocolName, string>> = {
  json: "UnknownOperationException",
  cbor: "UnknownOperationException",
  "rest-json": "UnknownOperationException",
  query: "InvalidAction",
  "rest-xml": "NotImplemented",
};

function send(message: IncomingMessage, response: ServerResponse, { status, headers, body }: HttpResponse): void {
  const isStream = body instanceof Readable;
  const isEmpty = message.method === "HEAD" || status === 204 || status === 304;
  response.writeHead(status, {
    ...headers,
    ...(!isStream && !isEmpty && { "Content-Length": Buffer.byteLength(body) }),
  });
  if (isStream && !isEmpty) {
    // The status is sent already, so only the end of the connection can show a failure.
    pipeline(body, response, () => undefined);
  } else {
    if (isStream) body.destroy();
    response.end(isStream ? undefined : body);
  }
  // Most clients read the response only after they have sent their body. With `Connection: close`, Node.js would close
  // the connection before.
  if (!message.complete) {
    message.resume();
    const timer = setTimeout(() => message.destroy(), DRAIN_MS).unref();
    message.once("close", () => clearTimeout(timer));
  }
}
