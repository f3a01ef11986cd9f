import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../gateway/read-body";
import type { RequestedAction } from "../gateway/requested-action";
import type { Service } from "../gateway/service";
import type { SupportedService } from "../supported-actions";

/** An error response of a service with AWS's JSON protocol. */
export class JsonServiceError extends Error {
  override readonly name = "JsonServiceError";

  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export interface JsonServiceProps {
  readonly service: SupportedService;
  /** Limit that no valid request of the actions reaches. */
  readonly maxBodyBytes: number;
  /** Handlers by action. Each takes the request's JSON and returns the response, or throws a JsonServiceError. */
  readonly actions: Readonly<Record<string, (body: unknown) => object>>;
}

/** A service with AWS's JSON protocol. */
export class JsonService implements Service {
  readonly services: readonly SupportedService[];

  constructor(private readonly props: JsonServiceProps) {
    this.services = [props.service];
  }

  handle(request: IncomingMessage, response: ServerResponse, { action }: RequestedAction): void {
    void this.respond(request, response, action);
  }

  private async respond(request: IncomingMessage, response: ServerResponse, action: string): Promise<void> {
    const { maxBodyBytes, actions } = this.props;
    const body = await readBody(request, maxBodyBytes);
    try {
      if (!body)
        throw new JsonServiceError(
          "SerializationException",
          `The request exceeds the limit of ${maxBodyBytes} bytes.`,
          413,
        );
      const run = actions[action];
      if (!run)
        throw new JsonServiceError("UnknownOperationException", `The local run does not support ${action}.`, 501);
      send(response, 200, run(parse(body)));
    } catch (error) {
      const { code, message, status } =
        error instanceof JsonServiceError ? error : new JsonServiceError("InternalFailure", String(error), 500);
      // The unread rest of the body must not be read as the next request.
      if (!body) response.setHeader("Connection", "close");
      send(response, status, { __type: code, message });
    }
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new JsonServiceError("SerializationException", `The request is not valid JSON: ${(cause as Error).message}`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
}
