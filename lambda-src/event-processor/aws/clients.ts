import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { checkAcknowledgement, limitResponseSize } from "./responses";

/**
 * Timeouts in milliseconds. Without them, one request without a response would use up the batch's time. `requestTimeout`
 * alone only logs a warning. `socketTimeout` ends a response that stops halfway.
 */
const REQUEST_HANDLER = {
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  socketTimeout: 3_000,
  throwOnRequestTimeout: true,
};

/** Returns a client that does not retry. EventStore retries, because it knows the unprocessed items and the deadline. */
export function documentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ maxAttempts: 1, requestHandler: REQUEST_HANDLER });
  client.middlewareStack.use(limitResponseSize(checkAcknowledgement));
  // This middleware copies each request, attribute by attribute, for a logger that is not set.
  client.middlewareStack.remove("loggerMiddleware");
  return DynamoDBDocumentClient.from(client);
}

/** Returns a client that retries once, because a connection may be closed while Lambda freezes the function. */
export function sqsClient(): SQSClient {
  const client = new SQSClient({
    maxAttempts: 2,
    requestHandler: REQUEST_HANDLER,
    // Otherwise, the client sends to the host of the queue's URL, even if AWS_ENDPOINT_URL names another endpoint.
    useQueueUrlAsEndpoint: false,
  });
  client.middlewareStack.use(limitResponseSize());
  return client;
}
