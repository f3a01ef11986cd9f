import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** A handler that writes attribute values itself, `{ S: "…" }` and so on, needs no more than this. */
export const client = new DynamoDBClient({});
export const Command = BatchWriteItemCommand;
