import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The parts of an AWS request that faults can match. */
export interface SdkRequest {
  /** Operation, such as PublishBatch; empty for S3. */
  readonly action: string;
  readonly body: string;
  /** Access key ID and region in the signature. */
  readonly accessKeyId: string | undefined;
  readonly region: string | undefined;
  readonly request: IncomingMessage;
  readonly bytes: Buffer;
}

/** Matches the access key ID and region in a signature's credential scope. */
const CREDENTIAL_SCOPE = /\bCredential=([^/,\s]+)\/\d+\/([^/,\s]+)\//;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Returns the response to a request, or undefined to forward the request to the local run. */
export type ProxyFault = (request: SdkRequest) => Answer | undefined;

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
  private readonly server: Server;

  private constructor(
    private readonly behind: string,
    private readonly fault: ProxyFault,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
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

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const body = bytes.toString();
    const target = String(request.headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1);
    const [, accessKeyId, region] = CREDENTIAL_SCOPE.exec(request.headers.authorization ?? "") ?? [];
    const seen = {
      action: target || (new URLSearchParams(body).get("Action") ?? ""),
      body,
      accessKeyId,
      region,
      request,
      bytes,
    };
    this.requests.push(seen);
    const fault = this.fault(seen);
    if (fault) {
      response.writeHead(fault.status, {
        "content-type": fault.body.startsWith("<html")
          ? "text/html"
          : fault.body.startsWith("<")
            ? "text/xml"
            : "application/json",
      });
      response.end(fault.body);
      return;
    }
    const { hostname, port } = new URL(this.behind);
    const { method, url: path, headers } = request;
    const onwards = forward({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(Number(answer.statusCode), answer.headers);
      answer.pipe(response);
    });
    onwards.on("error", () => response.destroy());
    onwards.end(bytes);
  }
}
