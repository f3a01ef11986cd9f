import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { NO_AWS_SETTINGS } from "@event-pipeline/node-process/aws-settings";

export const REGION = "us-east-1";
export const TABLE_NAME = "bench-events";

/** Returns a Lambda function's environment variables. Nothing listens at the default endpoint. */
export function lambdaEnvironment(endpoint = "http://127.0.0.1:9"): Record<string, string> {
  return {
    ...NO_AWS_SETTINGS,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_LAMBDA_FUNCTION_NAME: "bench-event-processor",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    TABLE_NAME,
    EVENT_TTL_DAYS: "90",
    DEAD_LETTER_QUEUE_URL: `${endpoint}/000000000000/bench-events-dlq`,
  };
}
