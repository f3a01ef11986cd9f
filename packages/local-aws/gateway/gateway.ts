import type { IncomingMessage, ServerResponse } from "node:http";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import { type AwsError, sendError } from "../protocols/error-response";
import { describeSupport, type Protocol } from "../supported-actions";
import { BodyBudget } from "./body-budget";
import { readBody } from "./read-body";
import { credentialScope, protocolOf, type RequestedAction, requestedAction } from "./requested-action";
import type { Service } from "./service";

/** Maximum size of a form: 1 MiB of messages, percent-encoded to three times its size, and as much for the rest. */
const MAX_FORM_BYTES = 6 * 1024 * 1024;

export interface GatewayProps {
  /** Emulators; each service has one. */
  readonly services: readonly Service[];
  readonly region: string;
  /** Access key of the run's own parts, whose requests are always accepted. */
  readonly internalAccessKey: string;
}

/**
 * Routes every request to its service, or rejects it. Until `open`, and again
 * from `close` on, it accepts requests only of the run's own parts: no event is
 * acknowledged before its route is ready, and all acknowledged events can be
 * processed. Unsupported actions never reach an emulator.
 */
export class Gateway {
  private readonly bodies = new BodyBudget();
  private state: "starting" | "open" | "stopping" = "starting";

  constructor(private readonly props: GatewayProps) {}

  open(): void {
    this.state = "open";
  }

  close(): void {
    this.state = "stopping";
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const protocol = protocolOf(request);
    const reject = (error: AwsError) => sendError(request, response, error, protocol);
    const error = this.validate(request, response, protocol);
    if (error) return reject(error);
    // In the query protocol the body contains the action.
    const form = protocol === "query" ? await formOf(request) : undefined;
    if (protocol === "query" && !form) {
      const message = `The request exceeds the limit of ${MAX_FORM_BYTES} bytes.`;
      return reject({ status: 413, code: "RequestEntityTooLarge", message });
    }
    const action = requestedAction(request, form && new URLSearchParams(form.toString()));
    const service = this.serviceOf(action);
    if (!service) return reject(notSupported(action));
    service.handle(request, response, action, form);
  }

  private serviceOf({ service, action }: RequestedAction): Service | undefined {
    if (!service || !Object.hasOwn(service.actions, action)) return undefined;
    return this.props.services.find(({ services }) => services.includes(service));
  }

  private validate(request: IncomingMessage, response: ServerResponse, protocol: Protocol): AwsError | undefined {
    const { internalAccessKey, region: ownRegion } = this.props;
    const foreign = originGuard(request.headers, { server: "the local run" });
    if (foreign !== undefined) return { status: 403, code: "AccessDenied", message: foreign };
    const { accessKey, region } = credentialScope(request);
    // SDKs retry after a 503, so clients wait until the run is ready.
    if (this.state !== "open" && accessKey !== internalAccessKey) {
      return { status: 503, code: "ServiceUnavailable", message: `The local run is ${this.state}.` };
    }
    if (region !== undefined && region !== ownRegion) {
      const message = `The request is signed for ${region}, but the local run is in ${ownRegion}: set AWS_REGION=${ownRegion} AWS_DEFAULT_REGION=${ownRegion}.`;
      return { status: 400, code: "InvalidRegion", message };
    }
    const noMemory = accessKey === internalAccessKey ? undefined : this.bodies.reserve(request, response);
    if (noMemory || protocol !== "json" || request.method === "POST") return noMemory;
    const message = `Invalid method ${request.method}: a request with X-Amz-Target must use POST.`;
    return { status: 405, code: "MethodNotAllowed", message };
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
  return { status: 501, code: UNKNOWN_ACTION[protocol], message };
}

/** Returns the parameters from the body or, for GET, from the URL. */
async function formOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const { method, url = "" } = request;
  return method === "GET" ? Buffer.from(url.slice(url.indexOf("?") + 1)) : readBody(request, MAX_FORM_BYTES);
}
