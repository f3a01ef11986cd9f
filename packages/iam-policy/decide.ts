import { accountOf } from "./arn";
import { contextValues } from "./context-values";
import type { Policy, Statement } from "./policy";
import { isRootUser, type Naming, namingOf } from "./principal";
import { isIdentity, type Request } from "./request";
import { applicableStatements } from "./statement";

/** Why a request is denied, in the words of AWS's own error messages. */
export type Reason =
  | "with an explicit deny"
  | "because no identity-based policy allows the action"
  | "because no resource-based policy allows the action"
  | "because no permissions boundary allows the action";

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: Reason };

const ALLOWED: Decision = { allowed: true };

/** Actions on resources whose own policy has to allow every request: a key's policy, and the trust policy of a role. */
const NEEDS_RESOURCE_POLICY = /^(?:kms:|sts:AssumeRole)/i;

/**
 * Decides on a request as AWS does, by identity policies, permissions boundary and the resource's own policies.
 * Organizations' policies, session policies, grants of KMS and ACLs are not looked at.
 *
 * @throws Error naming a condition operator that IAM does not have.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(request: Request): Decision {
  const { caller, action, resource } = request;
  const values = contextValues(request);
  const applicable = (policies: readonly Policy[] = [], ofResource = false) =>
    policies.flatMap((policy) => applicableStatements(policy, request, values, ofResource));

  const resourceSide = applicable(resource.policies, true).filter((statement) => namingOf(statement, caller));
  const namings = new Set(resourceSide.filter(isAllow).map((statement) => namingOf(statement, caller)));
  if (!isIdentity(caller)) {
    if (resourceSide.some(isDeny)) return denied("with an explicit deny");
    return namings.size > 0 ? ALLOWED : denied("because no resource-based policy allows the action");
  }

  const identitySide = applicable(caller.policies);
  const boundary = caller.permissionsBoundary && applicable([caller.permissionsBoundary]);
  if ([...resourceSide, ...identitySide, ...(boundary ?? [])].some(isDeny)) return denied("with an explicit deny");

  // A root user may do everything in its account but assume roles.
  const byIdentity = identitySide.some(isAllow) || (isRootUser(caller) && !/^sts:AssumeRole$/i.test(action));
  const withinBoundary = boundary === undefined || boundary.some(isAllow);
  const owner = resource.account ?? accountOf(resource.arn);
  const sameAccount = owner === undefined || owner === accountOf(caller.arn);
  if (sameAccount && isEnoughAlone(namings, withinBoundary)) return ALLOWED;
  if (namings.size === 0 && (!sameAccount || NEEDS_RESOURCE_POLICY.test(action))) {
    return denied("because no resource-based policy allows the action");
  }
  if (!byIdentity && !(sameAccount && namings.has("role"))) {
    return denied("because no identity-based policy allows the action");
  }
  return withinBoundary ? ALLOWED : denied("because no permissions boundary allows the action");
}

/** Whether a resource's policy that names a caller of its own account needs no identity policy beside it. */
function isEnoughAlone(namings: ReadonlySet<Naming | undefined>, withinBoundary: boolean): boolean {
  return namings.has("direct") || (namings.has("role") && withinBoundary);
}

function isAllow({ Effect }: Statement): boolean {
  return Effect === "Allow";
}

function isDeny({ Effect }: Statement): boolean {
  return Effect === "Deny";
}

function denied(reason: Reason): Decision {
  return { allowed: false, reason };
}
