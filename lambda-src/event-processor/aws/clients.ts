import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { checkAcknowledgement, limitResponses } from "./responses";

/**
 * Timeouts in milliseconds. Without them a request without an answer would take all the time of its batch.
 * `requestTimeout` by itself only logs a warning, and `socketTimeout` ends an answer that stops halfway.
 */
const REQUEST_HANDLER = {
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  socketTimeout: 3_000,
  throwOnRequestTimeout: true,
};

/** Returns a client that does not retry. EventStore retries, because it knows which items are left and how much time. */
export function documentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ maxAttempts: 1, requestHandler: REQUEST_HANDLER });
  client.middlewareStack.use(limitResponses(checkAcknowledgement));
  // It copies each request, attribute by attribute, for a logger that logs nothing.
  client.middlewareStack.remove("loggerMiddleware");
  return DynamoDBDocumentClient.from(client);
}

/** Returns a client that retries once, because a connection may have been closed while Lambda had the function frozen. */
export function sqsClient(): SQSClient {
  const client = new SQSClient({ maxAttempts: 2, requestHandler: REQUEST_HANDLER });
  client.middlewareStack.use(limitResponses());
  return client;
}
