/**
 * The guide's handler: one PutItem after another. Only its sort key differs. The guide's has the time and the request's
 * id, so that two records of one batch and millisecond overwrite each other, and the benchmark counts items.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { SQSEvent } from "aws-lambda";

const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export async function handler(event: SQSEvent): Promise<{ statusCode: number }> {
  for (const record of event.Records) {
    const snsMessage = JSON.parse(record.body) as { Message: string };
    const eventData = JSON.parse(snsMessage.Message) as Record<string, unknown>;
    const item = {
      event_type: eventData.type ?? "unknown",
      timestamp_id: `${new Date().toISOString()}#${eventData.id}`,
      data: eventData,
      received_at: new Date().toISOString(),
    };
    await dynamodb.send(new PutCommand({ TableName: process.env.TABLE_NAME, Item: item }));
    process.stdout.write(`Processed event: ${item.event_type}\n`);
  }
  return { statusCode: 200 };
}
