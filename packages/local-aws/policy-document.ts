import { listOf, type Policy, type Statement } from "@event-pipeline/iam-policy/policy";
import { AwsError } from "./protocols/aws-error";

/** The element that each statement has: of a resource's policy or a trust policy, or of an identity's policy. */
type Subject = "Principal" | "Resource";

/**
 * Returns whether a text is a policy. Policies are stored, and not enforced.
 *
 * @param service - Prefix of all actions, such as `sqs`. @default - any service
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export function isPolicy(text: string, subject: Subject, service?: string): boolean {
  try {
    const { Version = "2008-10-17", Statement } = JSON.parse(text) as Partial<Policy>;
    const statements = listOf(Statement);
    const isValid = (statement: Partial<Statement>) => isStatement(statement, subject, service);
    return /^2008-10-17$|^2012-10-17$/.test(Version) && statements.length > 0 && statements.every(isValid);
  } catch {
    return false;
  }
}

function isStatement(statement: Partial<Statement>, subject: Subject, service: string | undefined): boolean {
  const { Effect, Action, NotAction } = statement;
  const actions = listOf(Action ?? NotAction);
  return (
    (Effect === "Allow" || Effect === "Deny") &&
    (statement[subject] ?? statement[`Not${subject}`]) !== undefined &&
    actions.length > 0 &&
    actions.every((action) => action === "*" || action.toLowerCase().startsWith(service ? `${service}:` : ""))
  );
}

/** @throws AwsError when a text is not a policy. */
export function assertPolicyDocument(text: string, subject: Subject): void {
  if (isPolicy(text, subject)) return;
  const message = `Invalid policy: expected {"Version":"2012-10-17","Statement":[…]}, with Effect, Action and ${subject} in each statement.`;
  throw new AwsError("MalformedPolicyDocumentException", message);
}
