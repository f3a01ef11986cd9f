import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type WireItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Letter {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly DataType: string; readonly StringValue?: string }>>;
}

export interface Request {
  readonly operation: "BatchWriteItem" | "SendMessageBatch";
  readonly body: string;
  readonly items: readonly WireItem[];
  readonly letters: readonly Letter[];
}

/** Responds to a request instead of the service, or returns false to let the service respond. */
export type Fault = (request: Request, response: ServerResponse, aws: FakeAws) => boolean;

/** An HTTP server for BatchWriteItem and SendMessageBatch, on 127.0.0.1 and in memory, with injected faults. */
export class FakeAws {
  readonly items = new Map<string, WireItem>();
  readonly letters: Letter[] = [];
  readonly requests: Request[] = [];
  /** Faults are tried in order. If none of them responds, the service does. */
  faults: Fault[] = [];
  /** Minimum response time, in milliseconds. */
  latencyMs = 0;
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  reset(): void {
    this.items.clear();
    this.letters.length = 0;
    this.requests.length = 0;
    this.faults = [];
    this.latencyMs = 0;
  }

  store(items: readonly WireItem[]): void {
    for (const item of items) this.items.set(JSON.stringify([item.event_type, item.timestamp_id]), item);
  }

  private async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const request = read(String(message.headers["x-amz-target"]), Buffer.concat(chunks).toString());
    this.requests.push(request);
    if (this.latencyMs > 0) await sleep(this.latencyMs);
    if (this.faults.some((fault) => fault(request, response, this))) return;
    if (request.operation === "BatchWriteItem") {
      this.store(request.items);
      reply(response, 200, { UnprocessedItems: {} });
      return;
    }
    this.letters.push(...request.letters);
    reply(response, 200, { Successful: request.letters.map(receiptOf), Failed: [] });
  }
}

export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
}

export function receiptOf({ Id, MessageBody }: Letter): object {
  return { Id, MessageId: `sent-${Id}`, MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") };
}

function read(target: string, body: string): Request {
  const operation = target.split(".")[1] as Request["operation"];
  const { RequestItems = {}, Entries = [] } = JSON.parse(body) as {
    RequestItems?: Record<string, { PutRequest: { Item: WireItem } }[]>;
    Entries?: Letter[];
  };
  const items = Object.values(RequestItems)
    .flat()
    .map(({ PutRequest }) => PutRequest.Item);
  return { operation, body, items, letters: Entries };
}
