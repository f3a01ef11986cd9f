import { conditionHolds } from "./condition";
import { type MatchOptions, matches, matchesArn } from "./pattern";
import { listOf, type Policy, type Statement } from "./policy";
import { isRootUser, matchPrincipal } from "./principal";
import { type AccessRequest, accountOf, contextValues, isIdentity, ownerOf } from "./request";

/** Reason for a denied request, in the words of AWS's own error messages. */
export type DenialReason =
  | "with an explicit deny"
  | "because no identity-based policy allows the action"
  | "because no resource-based policy allows the action"
  | "because no permissions boundary allows the action";

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: DenialReason };

const isAllow = ({ Effect }: Statement) => Effect === "Allow";
const isDeny = ({ Effect }: Statement) => Effect === "Deny";
const ALLOWED: Decision = { allowed: true };

/** Actions that the resource's own policy must allow: a key policy or a role's trust policy. */
const NEEDS_RESOURCE_POLICY = /^(?:kms:|sts:AssumeRole)/i;

/**
 * Evaluates a request as AWS does, with identity policies, the permissions boundary and resource policies. It ignores
 * AWS Organizations policies, session policies, KMS grants and ACLs.
 *
 * @throws Error naming the first condition operator that IAM does not have.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @example
 * decide({ caller: { arn: roleArn, policies: [policy] }, action: "sns:Publish", resource: { arn: topicArn } });
 */
export function decide(request: AccessRequest): Decision {
  const { caller, action, resource } = request;
  const values = contextValues(request);
  const applicable = (policies: readonly Policy[] = [], ofResource = false) =>
    policies.flatMap((policy) => {
      const options = { variables: policy.Version === "2012-10-17", values };
      return listOf<Statement>(policy.Statement).filter(
        (statement) =>
          isAboutAction(statement, action, options) &&
          isAboutResource(statement, resource.arn, options, ofResource) &&
          conditionHolds(statement.Condition ?? {}, options),
      );
    });

  const resourceSide = applicable(resource.policies, true).filter((statement) => matchPrincipal(statement, caller));
  const namings = new Set(resourceSide.filter(isAllow).map((statement) => matchPrincipal(statement, caller)));
  if (!isIdentity(caller)) {
    if (resourceSide.some(isDeny)) return denied("with an explicit deny");
    return namings.size > 0 ? ALLOWED : denied("because no resource-based policy allows the action");
  }

  const identitySide = applicable(caller.policies);
  const boundary = caller.permissionsBoundary && applicable([caller.permissionsBoundary]);
  if ([...resourceSide, ...identitySide, ...(boundary ?? [])].some(isDeny)) return denied("with an explicit deny");

  // Without any policy, a root user may do everything in its account except assume roles.
  const byIdentity = identitySide.some(isAllow) || (isRootUser(caller) && !/^sts:AssumeRole$/i.test(action));
  const withinBoundary = boundary === undefined || boundary.some(isAllow);
  const owner = ownerOf(request);
  const sameAccount = owner === undefined || owner === accountOf(caller.arn);
  // In the same account, a resource policy alone can allow a request.
  if (sameAccount && (namings.has("direct") || (namings.has("role") && withinBoundary))) return ALLOWED;
  if (namings.size === 0 && (!sameAccount || NEEDS_RESOURCE_POLICY.test(action))) {
    return denied("because no resource-based policy allows the action");
  }
  if (!byIdentity && !(sameAccount && namings.has("role"))) {
    return denied("because no identity-based policy allows the action");
  }
  return withinBoundary ? ALLOWED : denied("because no permissions boundary allows the action");
}

function denied(reason: DenialReason): Decision {
  return { allowed: false, reason };
}

function isAboutAction({ Action, NotAction }: Statement, action: string, options: MatchOptions): boolean {
  // Actions are case-insensitive and have no variables.
  const named = (patterns: Statement["Action"]) =>
    listOf(patterns).some((pattern) =>
      matches(pattern.toLowerCase(), action.toLowerCase(), { ...options, variables: false }),
    );
  return NotAction === undefined ? named(Action) : !named(NotAction);
}

/** A trust policy has no Resource element: it applies to its role. */
function isAboutResource(
  { Resource, NotResource }: Statement,
  arn: string,
  options: MatchOptions,
  ofResource: boolean,
): boolean {
  const named = (patterns: Statement["Resource"]) =>
    listOf(patterns).some((pattern) => matchesArn(pattern, arn, options));
  if (NotResource !== undefined) return !named(NotResource);
  return Resource === undefined ? ofResource : named(Resource);
}
