import { listOf, type Principal, type Statement } from "./policy";
import { accountOf, type Caller, type IdentityCaller, isIdentity } from "./request";

/**
 * Identifies how a resource policy's statement names the caller. This determines which other policies must allow the
 * request:
 *
 * - `account`: the caller's account, so identity policies must also allow the request;
 * - `role`: the caller's role, so the permissions boundary must also allow the request;
 * - `direct`: a user, session, service or everyone; no other policy needs to allow the request.
 *
 * @see
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
 */
export type PrincipalMatch = "account" | "role" | "direct";

/** Returns how a resource policy's statement names the caller; undefined if it does not apply to the caller. */
export function matchPrincipal({ Principal, NotPrincipal }: Statement, caller: Caller): PrincipalMatch | undefined {
  if (NotPrincipal !== undefined) return exempts(NotPrincipal, caller) ? undefined : "direct";
  if (Principal === undefined) return undefined;
  if (isEveryone(Principal)) return "direct";
  return namesOf(caller).find(([kind, name]) => isListed(Principal, kind, name))?.[2];
}

/** Returns whether `NotPrincipal` exempts a caller. It must also list the caller's account and session. */
function exempts(listed: Principal, caller: Caller): boolean {
  if (isEveryone(listed)) return true;
  const names = namesOf(caller);
  return names.length > 0 && names.every(([kind, name]) => isListed(listed, kind, name));
}

function isEveryone(principal: Principal): boolean {
  return principal === "*" || listOf(principal.AWS).includes("*");
}

function isListed(principal: Principal, kind: string, name: string): boolean {
  if (principal === "*") return true;
  return listOf(principal[kind]).some((listed) => listed === "*" || canonical(kind, listed) === name);
}

/** Returns an account's ID for the ARN of its root user: in a policy, both mean the account. */
function canonical(kind: string, name: string): string {
  return (kind === "AWS" && /^arn:[\w-]+:iam::(\d{12}):root$/.exec(name)?.[1]) || name;
}

/** Returns the names under which a policy can list the caller. The most specific name is first. */
function namesOf(caller: Caller): (readonly [kind: string, name: string, naming: PrincipalMatch])[] {
  if (caller === "anonymous") return [];
  if (!isIdentity(caller)) {
    return "service" in caller ? [["Service", caller.service, "direct"]] : [["Federated", caller.federated, "direct"]];
  }
  const account = accountOf(caller.arn) ?? "";
  const session = sessionArn(caller);
  return [
    ...(session === undefined ? [] : [["AWS", session, "direct"] as const]),
    ...(isRootUser(caller)
      ? []
      : [["AWS", caller.arn, /^arn:[\w-]+:iam::\d{12}:role\//.test(caller.arn) ? "role" : "direct"] as const]),
    ["AWS", account, "account"],
  ];
}

export function isRootUser({ arn }: IdentityCaller): boolean {
  return /^arn:[\w-]+:iam::\d{12}:root$/.test(arn);
}

/** Returns the ARN of a role session, which contains the role's name but not its path. */
function sessionArn({ arn, sessionName }: IdentityCaller): string | undefined {
  const [, partition, account, name] = /^arn:([\w-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (name === undefined || sessionName === undefined) return undefined;
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`;
}
