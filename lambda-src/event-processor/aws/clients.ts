import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { demandAcknowledgement } from "./acknowledgement";
import { boundAnswers } from "./bounded-answers";

/**
 * Milliseconds; without them a request that nobody answers would take all the
 * time of its batch. `requestTimeout` by itself only warns, and
 * `socketTimeout` is what ends an answer that stops halfway.
 */
const REQUEST_HANDLER = {
  connectionTimeout: 1_000,
  requestTimeout: 3_000,
  socketTimeout: 3_000,
  throwOnRequestTimeout: true,
};

/** A client that tries once: EventStore retries, for it knows which items are left and how much time. */
export function documentClient(): DynamoDBDocumentClient {
  const client = demandAcknowledgement(new DynamoDBClient({ maxAttempts: 1, requestHandler: REQUEST_HANDLER }));
  // It copies each request, attribute by attribute, for a logger that logs nothing.
  client.middlewareStack.remove("loggerMiddleware");
  return DynamoDBDocumentClient.from(client, {
    // Items come back in UnprocessedItems, with numbers that a double cannot hold.
    unmarshallOptions: { wrapNumbers: true },
  });
}

/** A client that tries twice, because the connection may have died while Lambda had the function frozen. */
export function sqsClient(): SQSClient {
  return boundAnswers(new SQSClient({ maxAttempts: 2, requestHandler: REQUEST_HANDLER }));
}
