import { type Decision, decide } from "./decide";
import type { ConditionBlock, ConditionValue, OneOrMore, Policy, Statement } from "./policy";
import { listOf } from "./policy";
import { type AccessRequest, contextOf, isIdentity } from "./request";

/** A decision, or the condition keys that it depends on. */
export type KnownDecision = Decision | { readonly allowed: "not known"; readonly conditionKeys: readonly string[] };

/**
 * Evaluates a request of which only some condition keys are known: those in its context, and those that follow from the
 * caller and the resource. An empty list means that the request does not have the key.
 *
 * @param unknownKeys - Keys that are unknown although they follow from the caller, such as `aws:PrincipalArn` for an
 * account that stands for each of its roles.
 * @throws Error naming the first condition operator that IAM does not have.
 * @example
 * decideFromKnown({ caller: { service: "sns.amazonaws.com" }, action: "sqs:SendMessage", resource });
 */
export function decideFromKnown(request: AccessRequest, unknownKeys: readonly string[] = []): KnownDecision {
  const known = new Set(Object.keys(contextOf(request)).map((key) => key.toLowerCase()));
  for (const key of unknownKeys) known.delete(key.toLowerCase());
  const found = new Set<string>();
  const decideIf = (presumed: Statement["Effect"]) => {
    const presume = (policy: Policy): Policy => {
      const statements = listOf<Statement>(policy.Statement).flatMap((statement) => {
        const [condition, unknown] = splitCondition(statement.Condition ?? {}, known);
        for (const key of unknown) found.add(key);
        if (unknown.length > 0 && statement.Effect !== presumed) return [];
        return { ...statement, Condition: condition };
      });
      return { ...policy, Statement: statements };
    };
    const { caller, resource } = request;
    return decide({
      ...request,
      resource: { ...resource, policies: (resource.policies ?? []).map(presume) },
      caller: !isIdentity(caller)
        ? caller
        : {
            ...caller,
            policies: (caller.policies ?? []).map(presume),
            ...(caller.permissionsBoundary && { permissionsBoundary: presume(caller.permissionsBoundary) }),
          },
    });
  };
  const [best, worst] = [decideIf("Allow"), decideIf("Deny")];
  return best.allowed === worst.allowed ? worst : { allowed: "not known", conditionKeys: [...found] };
}

/** Splits a condition into its part on known keys, and the unknown keys. */
function splitCondition(condition: ConditionBlock, known: ReadonlySet<string>): [ConditionBlock, string[]] {
  const part: Record<string, Record<string, OneOrMore<ConditionValue>>> = {};
  const unknown: string[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, wanted] of Object.entries(keys)) {
      if (known.has(key.toLowerCase())) part[operator] = { ...part[operator], [key]: wanted };
      else unknown.push(key);
    }
  }
  return [part, unknown];
}
