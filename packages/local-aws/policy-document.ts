import { AwsError } from "./protocols/aws-error";

/** @throws AwsError when a text is not a JSON object. */
export function assertPolicyDocument(text: string): void {
  try {
    const policy: unknown = JSON.parse(text);
    if (typeof policy === "object" && policy !== null && !Array.isArray(policy)) return;
  } catch {
    // Reported below.
  }
  throw new AwsError("MalformedPolicyDocumentException", "The policy document is not a JSON object.");
}
