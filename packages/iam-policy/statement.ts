import { conditionHolds } from "./condition";
import type { ContextValues } from "./context-values";
import { matches, matchesArn, type Reading } from "./pattern";
import { listOf, type Policy, type Statement } from "./policy";
import type { AccessRequest } from "./request";

/** Returns the statements of a policy that match the request's action, resource and context. It ignores principals. */
export function applicableStatements(
  policy: Policy,
  { action, resource }: AccessRequest,
  values: ContextValues,
  ofResource: boolean,
): Statement[] {
  const reading = { variables: policy.Version === "2012-10-17", values };
  return listOf<Statement>(policy.Statement).filter(
    (statement) =>
      isAboutAction(statement, action, reading) &&
      isAboutResource(statement, resource.arn, reading, ofResource) &&
      conditionHolds(statement.Condition ?? {}, reading),
  );
}

function isAboutAction({ Action, NotAction }: Statement, action: string, reading: Reading): boolean {
  // Actions are case-insensitive and have no variables.
  const named = (patterns: Statement["Action"]) =>
    listOf(patterns).some((pattern) =>
      matches(pattern.toLowerCase(), action.toLowerCase(), { ...reading, variables: false }),
    );
  return NotAction === undefined ? named(Action) : !named(NotAction);
}

/** A trust policy names no resource: it applies to its role. */
function isAboutResource(
  { Resource, NotResource }: Statement,
  arn: string,
  reading: Reading,
  ofResource: boolean,
): boolean {
  const named = (patterns: Statement["Resource"]) =>
    listOf(patterns).some((pattern) => matchesArn(pattern, arn, reading));
  if (NotResource !== undefined) return !named(NotResource);
  return Resource === undefined ? ofResource : named(Resource);
}
