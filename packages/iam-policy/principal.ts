import { listOf, type Principal, type Statement } from "./policy";
import { accountOf, type Caller, type IdentityCaller, isIdentity } from "./request";

/**
 * The way in which a statement of a resource's policy names a caller. It decides what other policies must allow the request:
 *
 * - `account`: the account delegates, so identity policies must allow it too;
 * - `role`: the role itself, within its permissions boundary;
 * - `direct`: a user, a session, a service, or everyone.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
 */
export type Naming = "account" | "role" | "direct";

/** Returns how a statement of a resource's policy names the caller; undefined if it does not. */
export function namingOf({ Principal, NotPrincipal }: Statement, caller: Caller): Naming | undefined {
  if (NotPrincipal !== undefined) return exempts(NotPrincipal, caller) ? undefined : "direct";
  if (Principal === undefined) return undefined;
  if (isEveryone(Principal)) return "direct";
  return namesOf(caller).find(([kind, name]) => isListed(Principal, kind, name))?.[2];
}

/** A `NotPrincipal` excludes a caller only if it also lists its account and its session. */
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

/** An account is written as its id or as the ARN of its root user: both mean the account. */
function canonical(kind: string, name: string): string {
  return (kind === "AWS" && /^arn:[\w-]+:iam::(\d{12}):root$/.exec(name)?.[1]) || name;
}

/** Returns the names under which a policy may list the caller, the strongest first. */
function namesOf(caller: Caller): (readonly [kind: string, name: string, naming: Naming])[] {
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

/** A session's ARN has the role's name without its path. */
function sessionArn({ arn, sessionName }: IdentityCaller): string | undefined {
  const [, partition, account, name] = /^arn:([\w-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (name === undefined || sessionName === undefined) return undefined;
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`;
}
