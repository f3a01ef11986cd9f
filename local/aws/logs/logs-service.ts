import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../read-body";
import type { AskedAction } from "../served/asked-action";
import { LOGS } from "../served/logs";
import type { Service } from "../service";
import { describeLogGroups } from "./describe-log-groups";
import { filterLogEvents } from "./filter-log-events";
import type { LogGroups } from "./log-group";
import { LogsError } from "./logs-error";

/** No request of the actions below comes near it. */
const MAX_BODY_BYTES = 1024 * 1024;

type Action = (body: unknown, groups: LogGroups) => object;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ["FilterLogEvents", filterLogEvents],
  ["DescribeLogGroups", describeLogGroups],
]);

/** What of CloudWatch Logs finds a function's lines again. */
export class LogsService implements Service {
  readonly serves = [LOGS];

  constructor(private readonly groups: LogGroups) {}

  handle(request: IncomingMessage, response: ServerResponse, { action }: AskedAction): void {
    void this.answer(request, response, ACTIONS.get(action) as Action);
  }

  private async answer(request: IncomingMessage, response: ServerResponse, action: Action): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    try {
      send(response, 200, action(parse(body), this.groups));
    } catch (error) {
      const { code, message, status } =
        error instanceof LogsError ? error : new LogsError("InternalFailure", String(error), 500);
      // What was not read of a request must not be taken for the next one.
      if (!body) response.setHeader("Connection", "close");
      send(response, status, { __type: code, message });
    }
  }
}

function parse(body: Buffer | undefined): unknown {
  if (!body) {
    throw new LogsError("SerializationException", `A request has at most ${MAX_BODY_BYTES} bytes.`, 413);
  }
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new LogsError("SerializationException", `The request is no JSON: ${(cause as Error).message}`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
}
