/** Stores a batch without checks, retries, metrics or logs. It rounds long numbers and ignores `UnprocessedItems`. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

const MAX_ITEMS = 25;
const NINETY_DAYS_SECONDS = 90 * 86_400;
const TABLE_NAME = String(process.env.TABLE_NAME);
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const requests = Records.map(({ body }) => {
    const { MessageId, Timestamp, Message } = JSON.parse(body) as Record<string, string>;
    const data = JSON.parse(String(Message)) as Record<string, unknown>;
    const Item = {
      event_type: data.type ?? "unknown",
      timestamp_id: `${data.time}#${data.id}`,
      event_id: data.id,
      data,
      received_at: Timestamp,
      message_id: MessageId,
      expires_at: Math.floor(Date.parse(String(Timestamp)) / 1_000) + NINETY_DAYS_SECONDS,
    };
    return { PutRequest: { Item } };
  });
  const batches = Array.from({ length: Math.ceil(requests.length / MAX_ITEMS) }, (_, index) =>
    requests.slice(index * MAX_ITEMS, (index + 1) * MAX_ITEMS),
  );
  await Promise.all(
    batches.map((batch) => dynamodb.send(new BatchWriteCommand({ RequestItems: { [TABLE_NAME]: batch } }))),
  );
  return { batchItemFailures: [] };
}
