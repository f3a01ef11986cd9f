import type { IncomingMessage, ServerResponse } from "node:http";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import { AwsError, sendError } from "../protocols/responses";
import { describeSupport, type Protocol, type SupportedService } from "../supported-actions";
import { BodyBudget, readBody } from "./request-body";
import { credentialScope, protocolOf, type RequestedAction, requestedAction } from "./requested-action";

/** An emulator of one or more services. */
export interface Service {
  readonly services: readonly SupportedService[];

  /**
   * Responds to a request for a supported action.
   *
   * @param form - Parameters of a request in the query protocol.
   * @throws AwsError for an invalid request. The gateway sends the error response.
   */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    action: RequestedAction,
    form?: URLSearchParams,
  ): Promise<void> | void;
}

/** Maximum size of a form: 1 MiB of messages, which percent-encoding triples, and the same size for the rest. */
const MAX_FORM_BYTES = 6 * 1024 * 1024;

/**
 * Routes requests for supported actions to their emulators, and rejects all others. Unless the
 * state is `open`, it accepts only requests with the internal access key. Therefore, no event is
 * acknowledged before its subscriptions exist, and handlers can finish while the run stops.
 */
export class Gateway {
  state: "starting" | "open" | "stopping" = "starting";
  private readonly bodies = new BodyBudget();

  /**
   * @param services - The emulators. Each AWS service belongs to exactly one of them.
   * @param internalAccessKey - The local run's own access key. Requests with it are accepted in every state.
   */
  constructor(
    private readonly services: readonly Service[],
    private readonly region: string,
    private readonly internalAccessKey: string,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const protocol = protocolOf(request);
    try {
      this.validate(request, response, protocol);
      const form = protocol === "query" ? await formOf(request) : undefined;
      const action = requestedAction(request, form);
      await this.serviceOf(action).handle(request, response, action, form);
    } catch (error) {
      sendError(request, response, error, protocol);
    }
  }

  private serviceOf(requested: RequestedAction): Service {
    const { service, action } = requested;
    const emulator = this.services.find(({ services }) => service && services.includes(service));
    if (!emulator || !Object.hasOwn(service?.actions ?? {}, action)) throw notSupported(requested);
    return emulator;
  }

  private validate(request: IncomingMessage, response: ServerResponse, protocol: Protocol): void {
    const { internalAccessKey, region: ownRegion } = this;
    const rejection = originGuard(request.headers, { server: "the local run" });
    if (rejection !== undefined) throw new AwsError("AccessDenied", rejection, 403);
    const { accessKey, region } = credentialScope(request);
    // SDKs retry after a 503, so clients wait until the run is ready.
    if (this.state !== "open" && accessKey !== internalAccessKey) {
      throw new AwsError("ServiceUnavailable", `The local run is ${this.state}.`, 503);
    }
    if (region !== undefined && region !== ownRegion) {
      const message = `The request is signed for ${region}, but the local run is in ${ownRegion}: set AWS_REGION=${ownRegion} AWS_DEFAULT_REGION=${ownRegion}.`;
      throw new AwsError("InvalidRegion", message);
    }
    if (accessKey !== internalAccessKey) this.bodies.reserve(request, response);
    if (protocol === "json" && request.method !== "POST") {
      const message = `Invalid method ${request.method}: a request with X-Amz-Target must use POST.`;
      throw new AwsError("MethodNotAllowed", message, 405);
    }
  }
}

/** AWS's error code for an unknown action, by protocol. */
const UNKNOWN_ACTION: Readonly<Record<Protocol, string>> = {
  json: "UnknownOperationException",
  "rest-json": "UnknownOperationException",
  cbor: "UnknownOperationException",
  query: "InvalidAction",
  "rest-xml": "NotImplemented",
};

function notSupported({ protocol, service, serviceName, action }: RequestedAction): AwsError {
  const what = `${serviceName.slice(0, 100)} ${action.slice(0, 200)}`.trim();
  const message = `The local run does not support ${what || "requests without an action"}. ${describeSupport(service)}`;
  return new AwsError(UNKNOWN_ACTION[protocol], message, 501);
}

/** Reads the parameters from the URL of a GET request, or from the body of a POST request. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const { method, url = "" } = request;
  const isGet = method === "GET";
  return new URLSearchParams(isGet ? url.slice(url.indexOf("?") + 1) : String(await readBody(request, MAX_FORM_BYTES)));
}
