import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BodiesUnderWay } from "./bodies-under-way";
import { answerError, type ErrorAnswer } from "./error-answer";
import { foreignVisitor } from "./local-visitors";
import type { Service } from "./service";

/** Milliseconds that an answer may take once the door closes for good. */
const LAST_ANSWERS_MS = 500;

/** Milliseconds within which a request has to have come whole; a client that stops halfway is not waited for. */
const REQUEST_MS = 30_000;

/** What is signed: access key, date, region, service. */
const CREDENTIAL_SCOPE = /\bCredential=([^/,\s]+)\/\d+\/([^/,\s]+)\//;

export interface FrontDoorProps {
  /** The first that accepts a request gets it; the last accepts all. */
  readonly services: readonly Service[];
  readonly region: string;
  /** Access key of the run's own parts, which are answered at any time. */
  readonly insiderKey: string;
}

/**
 * The one port. It answers nobody but the run's own parts until it is opened,
 * so that nothing is acknowledged before the way to its end is whole; and
 * nobody else again from `close` on, so that what is acknowledged can be
 * finished.
 */
export class FrontDoor {
  readonly server: Server;
  private readonly bodies = new BodiesUnderWay();
  private state: "starting" | "open" | "closing" = "starting";

  constructor(private readonly props: FrontDoorProps) {
    this.server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => this.answer(request, response));
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

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const refusal = foreignVisitor(request) ?? this.refusal(request);
    if (refusal) {
      answerError(request, response, refusal);
      return;
    }
    const service = this.props.services.find((candidate) => candidate.accepts(request));
    service?.handle(request, response);
  }

  private refusal(request: IncomingMessage): ErrorAnswer | undefined {
    const [, accessKey, region] = CREDENTIAL_SCOPE.exec(request.headers.authorization ?? "") ?? [];
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
    return accessKey === this.props.insiderKey ? undefined : this.bodies.refusal(request);
  }
}
