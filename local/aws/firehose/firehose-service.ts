import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../read-body";
import type { AskedAction } from "../served/asked-action";
import { FIREHOSE } from "../served/firehose";
import type { Service } from "../service";
import { FirehoseError, listDeliveryStreams, putRecord, putRecordBatch } from "./firehose-actions";
import type { Intakes } from "./intakes";

/** A batch may have 4 MiB, a third more in Base64. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

type Action = (body: unknown, intakes: Intakes) => object;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ["ListDeliveryStreams", listDeliveryStreams],
  ["PutRecord", putRecord],
  ["PutRecordBatch", putRecordBatch],
]);

/** What of Firehose puts records into a stream, which is how the archive gets back what SNS could not deliver to it. */
export class FirehoseService implements Service {
  readonly serves = [FIREHOSE];

  constructor(private readonly intakes: Intakes) {}

  handle(request: IncomingMessage, response: ServerResponse, { action }: AskedAction): void {
    void this.answer(request, response, ACTIONS.get(action) as Action);
  }

  private async answer(request: IncomingMessage, response: ServerResponse, action: Action): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    try {
      send(response, 200, action(parse(body), this.intakes));
    } catch (error) {
      const { code, message, status } =
        error instanceof FirehoseError ? error : new FirehoseError("InternalFailure", String(error), 500);
      // What was not read of a request must not be taken for the next one.
      if (!body) response.setHeader("Connection", "close");
      send(response, status, { __type: code, message });
    }
  }
}

function parse(body: Buffer | undefined): unknown {
  if (!body) throw new FirehoseError("SerializationException", `A request has at most ${MAX_BODY_BYTES} bytes.`, 413);
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new FirehoseError("SerializationException", `The request is no JSON: ${(cause as Error).message}`);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
}
