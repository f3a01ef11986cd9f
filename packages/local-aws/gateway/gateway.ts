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
   * @param form - The parameters of a request in the query protocol.
   * @throws AwsError for an invalid request. The gateway sends it.
   */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    action: RequestedAction,
    form?: URLSearchParams,
  ): Promise<void> | void;
}

/** Maximum size of a form: 1 MiB of messages, percent-encoded to three times its size, and as much for the rest. */
const MAX_FORM_BYTES = 6 * 1024 * 1024;

/**
 * Routes every request to its service, or rejects it. Unless its state is
 * `open`, it accepts only requests of the run's own parts: no event is
 * acknowledged before its route is ready, and all acknowledged events can be
 * processed. Unsupported actions never reach an emulator.
 */
export class Gateway {
  state: "starting" | "open" | "stopping" = "starting";
  private readonly bodies = new BodyBudget();

  /**
   * @param services - Emulators; each service has one.
   * @param internalAccessKey - Access key of the run's own parts, whose requests are always accepted.
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
    const foreign = originGuard(request.headers, { server: "the local run" });
    if (foreign !== undefined) throw new AwsError("AccessDenied", foreign, 403);
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

/** AWS's error codes for an unknown action. */
const UNKNOWN_ACTION: Readonly<Record<Protocol, string>> = {
  json: "UnknownOperationException",
  "rest-json": "UnknownOperationException",
  cbor: "UnknownOperationException",
  query: "InvalidAction",
  "rest-xml": "NotImplemented",
};

function notSupported({ protocol, service, serviceName, action }: RequestedAction): AwsError {
  const what = [action.slice(0, 200), serviceName && `of ${serviceName.slice(0, 100)}`].filter(Boolean).join(" ");
  const message = `The local run does not support ${what || "a request without an action"}. ${describeSupport(service)}`;
  return new AwsError(UNKNOWN_ACTION[protocol], message, 501);
}

/** Returns the parameters from the body or, for GET, from the URL. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const { method, url = "" } = request;
  const isGet = method === "GET";
  return new URLSearchParams(isGet ? url.slice(url.indexOf("?") + 1) : String(await readBody(request, MAX_FORM_BYTES)));
}
