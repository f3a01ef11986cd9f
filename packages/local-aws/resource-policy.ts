import { listOf, type Policy, type Statement } from "@event-pipeline/iam-policy/policy";

/**
 * Returns whether a text is a policy that a queue or a topic can have. Policies are stored, and not enforced.
 *
 * @param service - Prefix of the service's actions, such as `sqs`.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-creating-custom-policies.html
 */
export function isResourcePolicy(text: string, service: string): boolean {
  try {
    const { Version = "2008-10-17", Statement } = JSON.parse(text) as Partial<Policy>;
    const statements = listOf(Statement);
    const isValid = (statement: Partial<Statement>) => isStatement(statement, service);
    return /^2008-10-17$|^2012-10-17$/.test(Version) && statements.length > 0 && statements.every(isValid);
  } catch {
    return false;
  }
}

function isStatement({ Effect, Principal, NotPrincipal, Action, NotAction }: Partial<Statement>, service: string) {
  const actions = listOf(Action ?? NotAction);
  return (
    (Effect === "Allow" || Effect === "Deny") &&
    (Principal ?? NotPrincipal) !== undefined &&
    actions.length > 0 &&
    actions.every((action) => action === "*" || action.toLowerCase().startsWith(`${service}:`))
  );
}
