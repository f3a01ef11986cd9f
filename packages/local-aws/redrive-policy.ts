/** Returns the members of a redrive policy; none for an invalid one. */
export function redrivePolicyOf(json = ""): { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } {
  try {
    return Object(JSON.parse(json)) as object;
  } catch {
    return {};
  }
}

/** Returns the queue ARN in the redrive policy of a queue or a subscription; undefined if it has none or is invalid. */
export function deadLetterTarget(redrivePolicy: string | undefined): string | undefined {
  const { deadLetterTargetArn } = redrivePolicyOf(redrivePolicy);
  return typeof deadLetterTargetArn === "string" ? deadLetterTargetArn : undefined;
}
