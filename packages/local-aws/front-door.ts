import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { originGuard } from "@event-pipeline/node-process/origin-guard";
import { BodiesUnderWay } from "./bodies-under-way";
import { answerError, type ErrorAnswer } from "./error-answer";
import { readBody } from "./read-body";
import { type AskedAction, askedAction, credentialScope, protocolOf } from "./served/asked-action";
import type { Protocol } from "./served/served-service";
import { whatIsServed } from "./served/services";
import type { Service } from "./service";

/** Milliseconds that an answer may take once the door closes for good. */
const LAST_ANSWERS_MS = 500;

/** Milliseconds within which a request has to have come whole; a client that stops halfway is not waited for. */
const REQUEST_MS = 30_000;

/** Ten messages of 1 MiB in all, percent-encoded three times as long, and as much again for the rest. */
const MAX_FORM_BYTES = 6 * 1024 * 1024;

export interface FrontDoorProps {
  /** No two serve the same. */
  readonly services: readonly Service[];
  readonly region: string;
  /** Access key of the run's own parts, which are answered at any time. */
  readonly insiderKey: string;
}

/**
 * The one port. It answers nobody but the run's own parts until it is opened,
 * so that nothing is acknowledged before the way to its end is whole; and
 * nobody else again from `close` on, so that what is acknowledged can be
 * finished. What the list of served actions does not have gets no further.
 */
export class FrontDoor {
  readonly server: Server;
  private readonly bodies = new BodiesUnderWay();
  private state: "starting" | "open" | "closing" = "starting";

  constructor(private readonly props: FrontDoorProps) {
    this.server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
      void this.answer(request, response);
    });
    // A SDK keeps connections for reuse; one closed under it fails its next request.
    this.server.keepAliveTimeout = 60_000;
  }

  open(): void {
    this.state = "open";
  }

  close(): void {
    this.state = "closing";
  }

  /** Ends the connections, those with an answer under way last. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const timer = setTimeout(() => this.server.closeAllConnections(), LAST_ANSWERS_MS);
    await closed;
    clearTimeout(timer);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const protocol = protocolOf(request);
    const refuse = (error: ErrorAnswer) => answerError(request, response, error, protocol);
    const reason = originGuard(request.headers, { server: "the local run" });
    if (reason !== undefined) return refuse({ status: 403, code: "AccessDenied", message: reason });
    const refusal = this.refusal(request, response);
    if (refusal) return refuse(refusal);
    if (protocol === "json" && request.method !== "POST") {
      const message = `The method is ${request.method}. A request with X-Amz-Target is a POST.`;
      return refuse({ status: 405, code: "MethodNotAllowed", message });
    }
    // Only in the query protocol does the body say what is asked.
    const form = protocol === "query" ? await formOf(request) : undefined;
    if (protocol === "query" && !form) {
      const message = `A request has at most ${MAX_FORM_BYTES} bytes.`;
      return refuse({ status: 413, code: "RequestEntityTooLarge", message });
    }
    const asked = askedAction(request, form && new URLSearchParams(form.toString()));
    const service = this.serviceOf(asked);
    if (!service) return refuse(notServed(asked));
    service.handle(request, response, asked, form);
  }

  private serviceOf({ service, action }: AskedAction): Service | undefined {
    if (!service || !Object.hasOwn(service.actions, action)) return undefined;
    return this.props.services.find(({ serves }) => serves.includes(service));
  }

  private refusal(request: IncomingMessage, response: ServerResponse): ErrorAnswer | undefined {
    const { accessKey, region } = credentialScope(request);
    // SDKs try again after a 503, which is what a client should do until the run is ready.
    if (this.state !== "open" && accessKey !== this.props.insiderKey) {
      const message = `The local run is ${this.state}: it takes nothing ${this.state === "starting" ? "yet" : "more"}.`;
      return { status: 503, code: "ServiceUnavailable", message };
    }
    if (region !== undefined && region !== this.props.region) {
      return {
        status: 400,
        code: "InvalidRegion",
        message: `The request is signed for ${region}. The local run is in ${this.props.region}: set AWS_REGION=${this.props.region} AWS_DEFAULT_REGION=${this.props.region}.`,
      };
    }
    return accessKey === this.props.insiderKey ? undefined : this.bodies.refusal(request, response);
  }
}

/** What AWS's services call an action that they have not. */
const UNKNOWN_ACTION: Readonly<Record<Protocol, string>> = {
  json: "UnknownOperationException",
  "rest-json": "UnknownOperationException",
  cbor: "UnknownOperationException",
  query: "InvalidAction",
  "rest-xml": "NotImplemented",
};

function notServed({ protocol, service, serviceName, action }: AskedAction): ErrorAnswer {
  const what = [action.slice(0, 200), serviceName && `of ${serviceName.slice(0, 100)}`].filter(Boolean).join(" ");
  const message = `The local run has no ${what || "service for a request that names no action"}. ${whatIsServed(service)}`;
  return { status: 501, code: UNKNOWN_ACTION[protocol], message };
}

/** The parameters, in the body or, with GET, in the URL. */
async function formOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const { method, url = "" } = request;
  return method === "GET" ? Buffer.from(url.slice(url.indexOf("?") + 1)) : readBody(request, MAX_FORM_BYTES);
}
