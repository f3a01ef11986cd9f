import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The least that a handler with a table can load. */
export const client = new DynamoDBClient({});
