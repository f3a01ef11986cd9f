import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import dynalite from "dynalite";

/** DynamoDB's own limit for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** An item as it goes over the wire: attribute name → `{ S: "…" }` and so on. */
export type WireItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Dynamodb {
  /** dynalite's server, whose `close()` also closes its store. */
  readonly server: Server;
  readonly listener: RequestListener;
}

/** DynamoDB, with a hook that is called for every item that a request has stored. */
export function buildDynamodb(onStored: (item: WireItem) => void, dataDir?: string): Dynamodb {
  const server = dynalite({ createTableMs: 0, ...(dataDir !== undefined && { path: dataDir }) });
  const [listener] = server.listeners("request") as RequestListener[];
  if (!listener) throw new Error("dynalite's server has no request listener");
  server.removeAllListeners("request");
  return {
    server,
    listener: (request, response) => void forward(request, response, listener, onStored),
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  listener: RequestListener,
  onStored: (item: WireItem) => void,
): Promise<void> {
  // dynalite rethrows errors of the request, so a client that hangs up in the
  // middle of its body would end the process. It gets whole bodies only.
  const body = await readBody(request).catch(() => undefined);
  if (!body) {
    response.writeHead(413).end();
    return;
  }
  const { method, url, headers } = request;
  const whole = Object.assign(Readable.from([body], { objectMode: false }), { method, url, headers });
  const operation = String(headers["x-amz-target"]).split(".")[1];
  if (operation === "BatchWriteItem" || operation === "PutItem") {
    response.once("finish", () => {
      if (response.statusCode === 200) for (const item of itemsOf(body)) onStored(item);
    });
  }
  await listener(whole as unknown as IncomingMessage, response as never);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function itemsOf(body: Buffer): WireItem[] {
  const request = JSON.parse(body.toString()) as {
    Item?: WireItem;
    RequestItems?: Record<string, { PutRequest?: { Item: WireItem } }[]>;
  };
  const puts = Object.values(request.RequestItems ?? {}).flat();
  return [request.Item, ...puts.map(({ PutRequest }) => PutRequest?.Item)].filter((item) => item !== undefined);
}
