import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import type { Clock } from "../clock";
import { AwsError } from "../protocols/aws-error";
import { type FormNode, formTree } from "../protocols/form";
import { type HandledMembers, handledMembers } from "../protocols/handled-members";
import { InvalidInput, NotSupported } from "../protocols/invalid-input";
import type { ErrorReply, HttpRequest, HttpResponse, ProtocolName, ServiceFormat } from "../protocols/protocol";
import { PROTOCOLS } from "../protocols/protocols";
import type { Operation } from "../protocols/shape";
import { s3Target } from "../s3/s3-target";
import type { Storage } from "../storage/storage";
import type { Callers } from "./caller";
import { BodyBudget, readBody } from "./request-body";
import { credentialScope, NAME_BY_PROTOCOL, protocolOf, RestRoutes, restSigningName } from "./route";
import type { AnyAction, RequestContext, ServiceDefinition } from "./service";

/** Maximum size of a form: 1 MiB of messages, which percent-encoding triples, and the same size for the rest. */
const MAX_FORM_BYTES = 6 * 1024 * 1024;

/** Maximum time that a body without an end is read, so that its client reads the error response. */
const DRAIN_MS = 5_000;

/** A service with its state, ready to answer. */
class RunningService {
  readonly format: ServiceFormat;
  readonly routes: RestRoutes | undefined;
  private readonly handled: ReadonlyMap<string, HandledMembers>;

  constructor(
    readonly definition: ServiceDefinition<never>,
    private readonly state: never,
  ) {
    const { schemas, xmlNamespace, unparsableCode, ignoredParameters = {}, actions, protocols } = definition;
    this.format = { schemas, xmlNamespace, unparsableCode, ignoredParameters };
    const isRest = protocols.some((protocol) => protocol.startsWith("rest-"));
    this.routes = isRest ? new RestRoutes(this.format.schemas.operations, actions) : undefined;
    this.handled = new Map(Object.entries(actions).map(([name, { handles }]) => [name, handledMembers(handles)]));
  }

  action(name: string): AnyAction<never> | undefined {
    return Object.hasOwn(this.definition.actions, name) ? this.definition.actions[name] : undefined;
  }

  run(action: AnyAction<never>, input: object, context: RequestContext): unknown {
    return action.run(input, this.state, context);
  }

  handledBy(operation: string): HandledMembers {
    return this.handled.get(operation) ?? new Map();
  }
}

/** A service and its state. */
export interface ServiceWithState<State> {
  readonly definition: ServiceDefinition<State>;
  readonly state: State;
}

export interface GatewayOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly callers: Callers;
  // biome-ignore lint/suspicious/noExplicitAny: each service has a state of its own type.
  readonly services: readonly ServiceWithState<any>[];
}

/** What a request asks for. */
interface Requested {
  /** The service; undefined if it is unknown. */
  readonly service: RunningService | undefined;
  /** Name of the service, even of an unknown one; an empty string if the request names none. */
  readonly serviceName: string;
  /** The operation; undefined if it is unknown. */
  readonly operation: Operation | undefined;
  /** Name of the operation; for an unknown one, the text in the request. */
  readonly name: string;
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
  private readonly bodies = new BodyBudget();
  /** Aborted when the gateway stops, to end long polls. */
  private readonly stopping = new AbortController();

  constructor(private readonly options: GatewayOptions) {
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
    const protocol = protocolOf(message);
    const requestId = randomUUID();
    let service: RunningService | undefined;
    let reply: HttpResponse;
    try {
      this.validate(message, response, protocol);
      const [path, query] = splitUrl(message.url ?? "/");
      const form = protocol === "query" ? await readForm(message, query) : undefined;
      const requested = this.requested(message, protocol, path, query, form);
      service = requested.service;
      reply = await this.respond(requested, message, response, { protocol, query, form, requestId });
    } catch (error) {
      reply = PROTOCOLS[protocol].encodeError(replyTo(error, service, protocol), service?.format, message, requestId);
    }
    this.send(message, response, reply);
  }

  private async respond(
    { service, operation, name, serviceName }: Requested,
    message: IncomingMessage,
    response: ServerResponse,
    {
      protocol,
      query,
      form,
      requestId,
    }: { protocol: ProtocolName; query: URLSearchParams; form: FormNode | undefined; requestId: string },
  ): Promise<HttpResponse> {
    const action = service?.action(name);
    if (!service || !operation || !action || !service.definition.protocols.includes(protocol)) {
      throw new NotSupported(
        `${serviceName.slice(0, 100)} ${name.slice(0, 200)}`.trim() || "a request without an action",
      );
    }
    const { endpoint, region, clock, storage, callers } = this.options;
    const { maxBodyBytes, unparsableCode } = service.definition;
    const { bucket, key } = protocol === "rest-xml" ? s3Target(message) : { bucket: "", key: undefined };
    const request: HttpRequest = {
      message,
      path: key === undefined ? splitUrl(message.url ?? "/")[0] : `/${key}`,
      query,
      labels: bucket === "" ? {} : { Bucket: bucket, ...(key && { Key: key }) },
      form,
      body: () => readBody(message, maxBodyBytes, unparsableCode),
    };
    const context: RequestContext = {
      caller: callers.find(credentialScope(message).accessKeyId),
      requestId,
      endpoint,
      region,
      clock,
      disconnected: this.disconnectedSignal(response),
      request: message,
    };
    let input: object | undefined;
    try {
      input = await PROTOCOLS[protocol].decode(request, service.format, operation, service.handledBy(name));
      const output = (await service.run(action, input, context)) ?? {};
      await storage.flush();
      return PROTOCOLS[protocol].encode(output as object, service.format, operation, request, requestId);
    } catch (error) {
      if (error instanceof InvalidInput) throw service.definition.invalidInput(error, name);
      if (error instanceof NotSupported)
        throw new NotSupported(`${service.definition.name} ${name} with ${error.what}`);
      await storage.flush(); // An error may tell of a change: a batch of which a part failed, or a message that moved.
      throw error;
    }
  }

  /** Returns a signal that aborts when the client disconnects or the gateway stops. */
  private disconnectedSignal(response: ServerResponse): AbortSignal {
    const disconnected = new AbortController();
    const abort = () => disconnected.abort();
    if (this.stopping.signal.aborted) abort();
    this.stopping.signal.addEventListener("abort", abort);
    response.once("close", () => {
      this.stopping.signal.removeEventListener("abort", abort);
      abort();
    });
    return disconnected.signal;
  }

  private requested(
    message: IncomingMessage,
    protocol: ProtocolName,
    path: string,
    query: URLSearchParams,
    form: FormNode | undefined,
  ): Requested {
    const by = (property: "targetPrefix" | "signingName" | "queryVersion", value: string) =>
      this.services.find(({ definition }) => definition[property] === value);
    const named = (service: RunningService | undefined, serviceName: string, name: string): Requested => {
      const { operations = {} } = service?.format.schemas ?? {};
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      return { service, serviceName: service?.definition.name ?? serviceName, operation, name };
    };
    if (protocol === "json" || protocol === "cbor") {
      const { service, operation } = NAME_BY_PROTOCOL[protocol](message);
      return named(by("targetPrefix", service), service, operation);
    }
    if (protocol === "query") {
      const { signingName = "" } = credentialScope(message);
      const version = form?.nodes.get("Version")?.text ?? "";
      const service = by("queryVersion", version) ?? by("signingName", signingName);
      return named(service, signingName, form?.nodes.get("Action")?.text ?? "");
    }
    const signingName = restSigningName(message);
    const service = by("signingName", signingName);
    const { bucket, key } = protocol === "rest-xml" ? s3Target(message) : { bucket: "", key: undefined };
    const restPath = key === undefined ? path : `/${key}`;
    const operation = service?.routes?.find(message, restPath, query, bucket !== "");
    return {
      service,
      serviceName: service?.definition.name ?? signingName,
      operation,
      name: operation?.name ?? `${message.method} ${path}`,
    };
  }

  private validate(message: IncomingMessage, response: ServerResponse, protocol: ProtocolName): void {
    const rejection = originGuard(message.headers, { server: "the local run" });
    if (rejection !== undefined) throw new AwsError("AccessDenied", rejection, 403);
    const { accessKeyId, region } = credentialScope(message);
    const { callers, region: ownRegion } = this.options;
    const isInternal = callers.find(accessKeyId).internal;
    // SDKs retry after a 503, so clients wait until the run is ready.
    if (this.state !== "open" && !isInternal) {
      throw new AwsError("ServiceUnavailable", `The local run is ${this.state}.`, 503);
    }
    if (region !== undefined && region !== ownRegion) {
      const fix = `set AWS_REGION=${ownRegion} AWS_DEFAULT_REGION=${ownRegion}`;
      throw new AwsError(
        "InvalidRegion",
        `The request is signed for ${region}, but the local run is in ${ownRegion}: ${fix}.`,
      );
    }
    if (!isInternal) this.bodies.reserve(message, response);
    if (protocol === "json" && message.method !== "POST") {
      const text = `Invalid method ${message.method}: a request with X-Amz-Target must use POST.`;
      throw new AwsError("MethodNotAllowed", text, 405);
    }
  }

  private send(message: IncomingMessage, response: ServerResponse, { status, headers, body }: HttpResponse): void {
    const isStream = body instanceof Readable;
    response.writeHead(status, {
      ...headers,
      ...(!isStream && message.method !== "HEAD" && { "Content-Length": Buffer.byteLength(body) }),
      // Otherwise, the server would parse the rest of the body as the next request.
      ...(!message.complete && { Connection: "close" }),
    });
    if (isStream) {
      // The status is sent already, so the connection is all that can tell of a failure.
      body.once("error", () => response.destroy());
      response.once("close", () => body.destroy());
      body.pipe(response);
    } else {
      response.end(body);
    }
    if (!message.complete) {
      // A client reads the response only after it has sent its body.
      message.resume();
      setTimeout(() => message.destroy(), DRAIN_MS).unref();
    }
  }
}

function splitUrl(url: string): [path: string, query: URLSearchParams] {
  const index = url.indexOf("?");
  return index === -1 ? [url, new URLSearchParams()] : [url.slice(0, index), new URLSearchParams(url.slice(index + 1))];
}

/** Reads the parameters of the query protocol from the URL of a GET request, or from the body of a POST request. */
async function readForm(message: IncomingMessage, query: URLSearchParams): Promise<FormNode> {
  if (message.method === "GET") return formTree(query);
  const form = new URLSearchParams(String(await readBody(message, MAX_FORM_BYTES)));
  // As on AWS, the parameters of a POST request may be in the URL too.
  for (const [name, value] of query) if (!form.has(name)) form.append(name, value);
  return formTree(form);
}

/** AWS's code for an action that does not exist; the same for what is not supported here. */
const UNKNOWN_ACTION: Readonly<Record<ProtocolName, string>> = {
  json: "UnknownOperationException",
  cbor: "UnknownOperationException",
  "rest-json": "UnknownOperationException",
  query: "InvalidAction",
  "rest-xml": "NotImplemented",
};

function replyTo(error: unknown, service: RunningService | undefined, protocol: ProtocolName): ErrorReply {
  const aws = awsError(error, service, protocol);
  const schema = service?.format.schemas.errors[aws.code];
  const status = aws.status ?? schema?.status ?? 400;
  return {
    code: aws.code,
    queryCode: schema?.queryCode ?? aws.code,
    status,
    message: aws.message,
    details: aws.details,
  };
}

function awsError(error: unknown, service: RunningService | undefined, protocol: ProtocolName): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof NotSupported) {
    return new AwsError(UNKNOWN_ACTION[protocol], notSupportedMessage(error, service), 501);
  }
  return new AwsError("InternalFailure", `The local run failed: ${(error as Error).message}`, 500);
}

function notSupportedMessage({ what }: NotSupported, service: RunningService | undefined): string {
  const actions = Object.keys(service?.definition.actions ?? {});
  const list = service ? ` Supported ${service.definition.name} actions: ${actions.join(", ")}.` : "";
  return `The local run does not support ${what}.${list}`;
}
