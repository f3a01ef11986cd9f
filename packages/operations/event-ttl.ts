import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { projectionOf, TTL_ATTRIBUTE, type WireItem } from "@event-pipeline/event-model/item/attributes";
import type { Pipeline } from "./pipeline";
import { processorEnvironment } from "./processor-environment";

const DAY_SECONDS = 86_400;

/**
 * Returns the number of days after which items expire; 0 if they never do.
 * Reads the function's environment, or else computes the days from one item.
 * Returns undefined when the function is not accessible and the table is empty.
 */
export async function eventTtlDays(pipeline: Pipeline, signal?: AbortSignal): Promise<number | undefined> {
  const days = Number((await processorEnvironment(pipeline, signal))?.EVENT_TTL_DAYS);
  return Number.isInteger(days) ? days : ttlOfOneItem(pipeline, signal);
}

async function ttlOfOneItem(pipeline: Pipeline, signal?: AbortSignal): Promise<number | undefined> {
  const TableName = pipeline.names.table;
  const command = new ScanCommand({ TableName, Limit: 1, ...projectionOf("received_at", TTL_ATTRIBUTE) });
  const { Items: [item] = [] }: { Items?: WireItem[] | undefined } = await pipeline
    .client(DynamoDBClient)
    .send(command, signal && { abortSignal: signal });
  if (!item) return undefined;
  const { received_at: receivedAt, [TTL_ATTRIBUTE]: expiresAt } = item;
  if (receivedAt?.S === undefined || expiresAt?.N === undefined) return 0;
  return Math.round((Number(expiresAt.N) - Date.parse(receivedAt.S) / 1_000) / DAY_SECONDS);
}
