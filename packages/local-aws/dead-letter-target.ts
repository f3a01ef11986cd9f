/** Returns the queue ARN in the redrive policy of a queue or a subscription; undefined if it has none or is invalid. */
export function deadLetterTarget(redrivePolicy: string | undefined): string | undefined {
  try {
    const { deadLetterTargetArn } = Object(JSON.parse(redrivePolicy ?? "{}")) as { deadLetterTargetArn?: unknown };
    return typeof deadLetterTargetArn === "string" ? deadLetterTargetArn : undefined;
  } catch {
    return undefined;
  }
}
