// Serves the S3, DynamoDB, SQS, SNS and STS actions that replay and reconcile call: an archive with the given number
// of events, a table that has every event, and a queue that accepts every message. To use little CPU time, it creates eight
// archive objects and serves them repeatedly.
import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { recordOf } from "../events";

const RECORDS_PER_OBJECT = 1_000;
const DIFFERENT_OBJECTS = 8;
const PAGE = 1_000;

const events = Number(process.argv[2]);
const objects = Math.ceil(events / RECORDS_PER_OBJECT);
const folder = archiveHourPrefix(new Date());
const nameOf = (index: number) => `${folder}bench-${String(index).padStart(8, "0")}.gz`;

const server = await listenOnLoopback(0);

/** SNS message IDs by sort key. */
const messageIdByKey = new Map<string, string>();
const contents = Array.from({ length: DIFFERENT_OBJECTS }, (_, object) =>
  gzipSync(Array.from({ length: RECORDS_PER_OBJECT }, (_, index) => `${envelope(`${object}-${index}`)}\n`).join("")),
);

function envelope(id: string): string {
  const body = JSON.parse(recordOf(id).body) as { Message: string; MessageId: string; Timestamp: string };
  // Without `id` and `time`, the item's key comes from the envelope, where the baseline reads it too.
  const { id: _, time: __, ...event } = JSON.parse(body.Message) as Record<string, unknown>;
  messageIdByKey.set(`${body.Timestamp}#${body.MessageId}`, body.MessageId);
  return JSON.stringify({ ...body, Message: JSON.stringify(event) });
}

interface KeysAndAttributes {
  readonly Keys: readonly { readonly timestamp_id: { readonly S: string } }[];
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
}

const actions: Readonly<Record<string, (input: never) => object>> = {
  BatchGetItem: ({ RequestItems }: { RequestItems: Record<string, KeysAndAttributes> }) => ({
    Responses: Object.fromEntries(
      Object.entries(RequestItems).map(([table, { Keys, ExpressionAttributeNames = {} }]) => [
        table,
        // Only replay reads `data`. The table is empty for replay, so replay sends every event.
        Object.values(ExpressionAttributeNames).includes("data")
          ? []
          : Keys.map((key) => ({ ...key, message_id: { S: messageIdByKey.get(key.timestamp_id.S) } })),
      ]),
    ),
    UnprocessedKeys: {},
  }),
  Scan: () => ({ Items: [] }),
  GetQueueUrl: ({ QueueName }: { QueueName: string }) => ({ QueueUrl: `${server.endpoint}/000000000000/${QueueName}` }),
  GetQueueAttributes: () => ({ Attributes: { MaximumMessageSize: "1048576" } }),
  SendMessageBatch: ({ Entries }: { Entries: { Id: string; MessageBody: string }[] }) => ({
    Successful: Entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: randomUUID(),
      MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
    })),
    Failed: [],
  }),
};

const XML: Readonly<Record<string, string>> = {
  GetCallerIdentity:
    "<GetCallerIdentityResult><Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn></GetCallerIdentityResult>",
  ListSubscriptionsByTopic: "<ListSubscriptionsByTopicResult><Subscriptions/></ListSubscriptionsByTopicResult>",
};

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const target = String(request.headers["x-amz-target"] ?? "").split(".")[1];
  if (target !== undefined) {
    const action = actions[target];
    response.writeHead(action ? 200 : 501, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(action ? action(JSON.parse(body) as never) : { __type: "UnknownOperationException" }));
    return;
  }
  if (request.method === "GET" && request.url?.startsWith("/local-events-raw")) {
    serveBucket(new URL(request.url, server.endpoint), response);
    return;
  }
  const name = new URLSearchParams(body).get("Action") ?? "";
  const xml = XML[name];
  response.writeHead(xml === undefined ? 501 : 200, { "content-type": "text/xml" });
  response.end(`<${name}Response>${xml ?? ""}</${name}Response>`);
}

function serveBucket({ pathname, searchParams }: URL, response: ServerResponse): void {
  if (!searchParams.has("list-type")) {
    const index = Number(/(\d+)\.gz$/.exec(pathname)?.[1]);
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(contents[index % DIFFERENT_OBJECTS]);
    return;
  }
  const start = Number(searchParams.get("continuation-token") ?? 0);
  const end = Math.min(objects, start + PAGE);
  const listed = Array.from({ length: end - start }, (_, index) => {
    const size = contents[(start + index) % DIFFERENT_OBJECTS]?.length;
    return `<Contents><Key>${nameOf(start + index)}</Key><Size>${size}</Size></Contents>`;
  });
  const next = end < objects ? `<NextContinuationToken>${end}</NextContinuationToken>` : "";
  response.writeHead(200, { "content-type": "application/xml" });
  response.end(`<ListBucketResult>${listed.join("")}${next}</ListBucketResult>`);
}

server.serve((request, response) => void handle(request, response));
process.send?.({ endpoint: server.endpoint });
