import { AwsError } from "../protocols/responses";

/** Maximum depth of a request. DynamoDB allows 32 levels in an item, each of which takes two levels of JSON. */
const MAX_DEPTH = 80;

/**
 * Rejects a parameter that would have an effect in DynamoDB but that dynalite
 * ignores, such as `DeletionProtectionEnabled`.
 *
 * @param known - Object whose keys are the parameters that dynalite supports.
 * @throws AwsError with the parameter's name.
 */
export function validateKnownParameters(action: string, request: object, known: object): void {
  const unknown = Object.entries(request).find(
    ([name, value]) => !Object.hasOwn(known, name) && !IGNORED.includes(name) && !hasNoEffect(value),
  )?.[0];
  if (unknown === undefined) return;
  const message = `The local run does not support ${action} with ${unknown}. Supported parameters: ${Object.keys(known).join(", ")}.`;
  throw invalid("UnknownOperationException", message, 501);
}

/** Parameters that are safe to ignore: reads are always consistent, and errors do not have to return the old item. */
const IGNORED = ["ConsistentRead", "ReturnValuesOnConditionCheckFailure"];

function hasNoEffect(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(hasNoEffect);
  return value === null || value === false || value === "STANDARD";
}

/**
 * Rejects a request that nests too deeply or contains null or `__proto__`, because
 * dynalite would fail. Recursion would overflow the stack for deep input.
 *
 * @throws AwsError with the path of the invalid value.
 */
export function validateNesting(request: object): void {
  let level = Object.entries(request);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw invalid("ValidationException", "Nesting Levels have exceeded supported limits");
    const below: [string, unknown][] = [];
    for (const [path, value] of level) {
      if (value === null) throw invalid("SerializationException", `${path} must not be null.`);
      if (typeof value !== "object") continue;
      for (const [key, inner] of Object.entries(value as object)) {
        if (key === "__proto__") {
          throw invalid("ValidationException", `${path} has the member __proto__, which the local run cannot store.`);
        }
        below.push([`${path}.${key}`, inner]);
      }
    }
    level = below;
  }
}

function invalid(type: string, message: string, status?: number): AwsError {
  return new AwsError(`com.amazon.coral.service#${type}`, message, status);
}
