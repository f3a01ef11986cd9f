/** Parses a redrive policy. Returns an empty object if it is not valid JSON. */
export function parseRedrivePolicy(json = ""): { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } {
  try {
    return Object(JSON.parse(json)) as object;
  } catch {
    return {};
  }
}

/** Returns the dead-letter queue's ARN in a redrive policy; undefined if the policy is missing or invalid. */
export function deadLetterTarget(redrivePolicy: string | undefined): string | undefined {
  const { deadLetterTargetArn } = parseRedrivePolicy(redrivePolicy);
  return typeof deadLetterTargetArn === "string" ? deadLetterTargetArn : undefined;
}
