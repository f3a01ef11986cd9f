import { invalidParameter } from "./errors";

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses an attribute whose value is a JSON object.
 *
 * @throws AwsError when it is not a JSON object.
 */
export function parseJsonAttribute(name: string, json: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalidParameter(`${name}: failed to parse JSON. ${(error as Error).message}`);
  }
  if (isObject(value)) return value;
  throw invalidParameter(`${name}: failed to parse JSON. Expected a JSON object, not ${json}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Validates the policy of a topic. Nothing enforces it.
 *
 * @throws AwsError when AWS would reject the policy.
 */
export function validatePolicy(json: string): void {
  const { Version = "2008-10-17", Statement } = parseJsonAttribute("Policy", json);
  const statements: readonly unknown[] = [Statement ?? []].flat();
  if (!["2008-10-17", "2012-10-17"].includes(String(Version)) || statements.length === 0) {
    throw invalidParameter("Policy Error: expected the version 2012-10-17 or 2008-10-17, and at least one statement");
  }
  for (const statement of statements) {
    const { Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource } = Object(
      statement,
    ) as JsonObject;
    const actions: readonly unknown[] = [Action ?? NotAction ?? []].flat();
    const isComplete = (Principal ?? NotPrincipal) && actions.length > 0 && (Resource ?? NotResource);
    if (!isComplete || (Effect !== "Allow" && Effect !== "Deny")) {
      throw invalidParameter(
        "Policy Error: expected Effect Allow or Deny, Principal, Action and Resource in each statement",
      );
    }
    if (!actions.every((action) => /^(?:\*|sns:.+)$/i.test(String(action)))) {
      throw invalidParameter("Policy statement action out of service scope!");
    }
  }
}
