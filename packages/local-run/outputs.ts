import type { ConsumerNames } from "@event-pipeline/event-model/resource-names";

/** A stack's Terraform outputs, by name. */
export type Outputs = Readonly<Record<string, unknown>>;

/** Returns the names of the event processor's queues and function. */
export function processorNames({ queue_url, dlq_url, function_name }: Outputs): ConsumerNames {
  return {
    queueName: lastPart(queue_url, "/"),
    deadLetterQueueName: lastPart(dlq_url, "/"),
    functionName: String(function_name),
  };
}

/** Returns the name at the end of an ARN or a URL. */
export function lastPart(text: unknown, separator: ":" | "/"): string {
  return String(text).slice(String(text).lastIndexOf(separator) + 1);
}
