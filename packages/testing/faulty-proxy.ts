import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsError } from "@event-pipeline/local-aws/protocols/aws-error";
import { PROTOCOLS } from "@event-pipeline/local-aws/protocols/protocols";
import { requestedOperation } from "./requested-operation";

/** The parts of an AWS request that faults can match. */
export interface SdkRequest {
  /** The service's signing name, such as `sqs` or `monitoring`. */
  readonly service: string;
  /** The operation, such as `PublishBatch`. */
  readonly action: string;
  readonly body: string;
  /** Access key ID and region in the signature. */
  readonly accessKeyId: string | undefined;
  readonly region: string | undefined;
  readonly request: IncomingMessage;
  readonly bytes: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * A response or an error that the proxy sends instead of forwarding a request. `reset` closes the connection.
 * `early close` and `truncated` forward the request, so the service executes it, and then cut the response: in the
 * middle of its body, or so that the shorter body looks complete to HTTP. A `Buffer` replaces the request's body.
 */
export type Reaction = Answer | AwsError | Buffer | "reset" | "early close" | "truncated";

/** Returns the reaction to a request, or undefined to forward the request to the local run. */
export type ProxyFault = (request: SdkRequest) => Reaction | undefined | Promise<Reaction | undefined>;

/** Returns an XML error response, as SNS and STS send it. */
export function xmlError(status: number, code: string, message = "no reason"): Answer {
  return {
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
  };
}

export function jsonError(status: number, code: string, message = "no reason"): Answer {
  return { status, body: JSON.stringify({ __type: code, message }) };
}

/** A proxy in front of a local run. It forwards each request unless the fault returns a response. */
export class FaultyProxy {
  readonly requests: SdkRequest[] = [];
  private pending = 0;
  private readonly server: Server;

  private constructor(
    private readonly behind: string,
    private readonly fault: ProxyFault,
  ) {
    this.server = createServer((request, response) => {
      this.pending += 1;
      void this.answer(request, response)
        .catch(() => response.destroy())
        .finally(() => {
          this.pending -= 1;
        });
    });
  }

  /** @param behind - Address of the local run. Without it, requests without a fault fail. */
  static async open(fault: ProxyFault, behind = "http://127.0.0.1:1"): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(behind, fault);
    await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** False while a request is not answered. The service may still work on a request whose client is gone. */
  get isIdle(): boolean {
    return this.pending === 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = bytes.toString();
    const { action, scope, protocol } = requestedOperation(request, body);
    const { accessKeyId, region, signingName: service = "" } = scope;
    const seen: SdkRequest = { service, action, body, accessKeyId, region, request, bytes };
    this.requests.push(seen);
    const reaction = await this.fault(seen);
    if (reaction === "reset") request.socket.resetAndDestroy();
    else if (reaction instanceof AwsError) {
      const { code, status = 400, message, details, headers: more } = reaction;
      const error = { code, queryCode: code, status, message, details, headers: more };
      const { headers, body: text } = PROTOCOLS[protocol].encodeError(error, undefined, request, "r");
      response.writeHead(status, headers).end(text);
    } else if (Buffer.isBuffer(reaction)) await this.forward(request, reaction, response);
    else if (typeof reaction === "object") {
      const { status, body: text } = reaction;
      const xml = text.startsWith("<html") ? "text/html" : "text/xml";
      response.writeHead(status, { "content-type": text.startsWith("<") ? xml : "application/json" }).end(text);
    } else await this.forward(request, bytes, response, reaction);
  }

  /** Forwards a request, and its response. Resolves when the service has answered, even if the client is gone. */
  private async forward(
    request: IncomingMessage,
    bytes: Buffer,
    response: ServerResponse,
    cut?: "early close" | "truncated",
  ): Promise<void> {
    const { hostname, port } = new URL(this.behind);
    const { method, url: path } = request;
    const headers = { ...request.headers, ...(bytes.length > 0 && { "content-length": bytes.length }) };
    const onwards = forward({ hostname, port, method, path, headers }).end(bytes);
    const [answer] = (await once(onwards, "response")) as [IncomingMessage];
    const status = Number(answer.statusCode);
    if (cut === undefined) {
      response.writeHead(status, answer.headers);
      for await (const chunk of answer) response.write(chunk);
      response.end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const whole = Buffer.concat(chunks);
    const half = whole.subarray(0, Math.floor(whole.length / 2));
    const { "transfer-encoding": _, ...others } = answer.headers;
    const length = cut === "truncated" ? half.length : Math.max(1, whole.length);
    response.writeHead(status, { ...others, "content-length": length });
    if (cut === "truncated") response.end(half);
    // The half that was written must arrive before the connection closes.
    else response.write(half, () => response.destroy());
  }
}
