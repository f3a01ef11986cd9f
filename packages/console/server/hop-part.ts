import type { Hop } from "@event-pipeline/event-model/hop";
import type { ConsumerNames } from "@event-pipeline/event-model/resource-names";
import { PARTS, type TracedHop } from "../api";

/** Returns the part of the pipeline that a hop belongs to. */
export function partOf({ kind, detail }: Hop, { queueName, deadLetterQueueName, functionName }: ConsumerNames): string {
  if (kind === "published") return "topic";
  if (kind === "archived" || detail.stream !== undefined) return "archive";
  const resource = detail.queue ?? detail.function;
  const own: readonly unknown[] = [undefined, queueName, deadLetterQueueName, functionName];
  return own.includes(resource) ? "processor" : String(resource).replace(/-(queue|dlq|processor)$/, "");
}

/** Returns false for a hop of another subscriber than the event processor and the archive. */
export function isOwn({ part }: TracedHop): boolean {
  return (PARTS as readonly string[]).includes(part);
}
