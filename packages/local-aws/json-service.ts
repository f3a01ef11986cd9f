import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "./read-body";
import type { AskedAction } from "./served/asked-action";
import type { ServedService } from "./served/served-service";
import type { Service } from "./service";

/** An error as a service of AWS's JSON protocol answers it. */
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
  readonly serves: ServedService;
  /** More than any request of its actions has. */
  readonly maxBodyBytes: number;
  /** Each action that is served: what it answers to what a request's JSON says, or a JsonServiceError. */
  readonly actions: Readonly<Record<string, (body: unknown) => object>>;
}

/** A service of the run's own, in AWS's JSON protocol. */
export class JsonService implements Service {
  readonly serves: readonly ServedService[];

  constructor(private readonly props: JsonServiceProps) {
    this.serves = [props.serves];
  }

  handle(request: IncomingMessage, response: ServerResponse, { action }: AskedAction): void {
    void this.answer(request, response, action);
  }

  private async answer(request: IncomingMessage, response: ServerResponse, action: string): Promise<void> {
    const { maxBodyBytes, actions } = this.props;
    const body = await readBody(request, maxBodyBytes);
    try {
      if (!body)
        throw new JsonServiceError("SerializationException", `A request has at most ${maxBodyBytes} bytes.`, 413);
      const answer = actions[action];
      if (!answer) throw new JsonServiceError("UnknownOperationException", `There is no ${action} here.`, 501);
      send(response, 200, answer(parse(body)));
    } catch (error) {
      const { code, message, status } =
        error instanceof JsonServiceError ? error : new JsonServiceError("InternalFailure", String(error), 500);
      // What was not read of a request must not be taken for the next one.
      if (!body) response.setHeader("Connection", "close");
      send(response, status, { __type: code, message });
    }
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new JsonServiceError("SerializationException", `The request is no JSON: ${(cause as Error).message}`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
}
