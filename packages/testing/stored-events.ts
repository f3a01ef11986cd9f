import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { type AttributeValue, DeleteItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { LocalRun } from "./local-run";

/** Moves an event's item to SNS's time, where an earlier handler stored it if the event's time is a number. */
export async function moveToSnsTime(run: LocalRun, messageId: string): Promise<string> {
  const item = [...(await storedItems(run)).values()].find(({ message_id }) => message_id?.S === messageId);
  const TableName = run.output("table_name");
  const { event_type, timestamp_id: old, received_at } = item ?? {};
  const timestamp_id = `${received_at?.S}${old?.S?.slice(old.S.indexOf("#"))}`;
  const Key = { event_type, timestamp_id: old } as Record<string, AttributeValue>;
  await run.clients.dynamodb.send(new DeleteItemCommand({ TableName, Key }));
  const Item = { ...item, timestamp_id: { S: timestamp_id } };
  await run.clients.dynamodb.send(new PutItemCommand({ TableName, Item }));
  return timestamp_id;
}

/** Returns all items of the table, by key. */
export async function storedItems(run: LocalRun): Promise<Map<string, Record<string, AttributeValue>>> {
  const items = new Map<string, Record<string, AttributeValue>>();
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await run.clients.dynamodb.send(
      new ScanCommand({ TableName: run.output("table_name"), ConsistentRead: true, ExclusiveStartKey }),
    );
    for (const item of page.Items ?? []) items.set(JSON.stringify([item.event_type, item.timestamp_id]), item);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
}

/** Returns the IDs of the events in the table. */
export async function storedIds(run: LocalRun): Promise<Set<string>> {
  return new Set([...(await storedItems(run)).values()].map(({ event_id }) => String(event_id?.S)));
}

/** Returns the IDs in the archived events. */
export async function archivedIds(run: LocalRun): Promise<Set<string>> {
  const { s3 } = run.clients;
  const Bucket = run.output("raw_bucket");
  const ids = new Set<string>();
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      for (const line of gunzipSync(bytes).toString().trimEnd().split(/\n+/)) {
        ids.add(String(JSON.parse(JSON.parse(line).Message).id));
      }
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return ids;
}

/** Waits until all wanted events are archived, or until the timeout. Returns the IDs of all archived events. */
export async function archivedAll(run: LocalRun, wanted: readonly string[], timeoutMs = 30_000): Promise<Set<string>> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(200)) {
    const ids = await archivedIds(run);
    if (wanted.every((id) => ids.has(id)) || Date.now() > deadline) return ids;
  }
}

/** Resolves when the queue has no visible, delayed or in-flight messages. */
export async function drained(run: LocalRun, queueUrl: string, timeoutMs = 60_000): Promise<void> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["All"] });
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(50)) {
    const { Attributes } = await run.clients.sqs.send(command);
    if (Attributes?.ApproximateNumberOfMessages === "0" && Attributes.ApproximateNumberOfMessagesNotVisible === "0") {
      return;
    }
  }
  throw new Error(`${queueUrl} was not empty after ${timeoutMs} ms.`);
}
