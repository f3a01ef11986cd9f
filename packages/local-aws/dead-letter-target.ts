/**
 * ARN of the queue that a redrive policy of a queue or a subscription names.
 * The policy is what a user sent: one that is no JSON, or has no such ARN,
 * names nothing.
 */
export function deadLetterTarget(redrivePolicy: string | undefined): string | undefined {
  try {
    const { deadLetterTargetArn } = Object(JSON.parse(redrivePolicy ?? "{}")) as { deadLetterTargetArn?: unknown };
    return typeof deadLetterTargetArn === "string" ? deadLetterTargetArn : undefined;
  } catch {
    return undefined; // No JSON.
  }
}
