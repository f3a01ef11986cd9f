import { AwsError } from "../protocols/responses";

/** DynamoDB allows 32 levels of nesting. Each takes two levels of JSON, and items are a few levels deep in a request. */
const MAX_DEPTH = 80;

/**
 * Rejects a parameter that has an effect in DynamoDB and that dynalite ignores,
 * such as `DeletionProtectionEnabled`.
 *
 * @param known - The parameters that dynalite handles.
 * @throws AwsError that names the parameter.
 */
export function validateKnownParameters(action: string, request: object, known: object): void {
  const unknown = Object.entries(request).find(
    ([name, value]) => !Object.hasOwn(known, name) && !HARMLESS.includes(name) && !hasNoEffect(value),
  )?.[0];
  if (unknown === undefined) return;
  const message = `The local run does not support ${action} with ${unknown}. It supports ${Object.keys(known).join(", ")}.`;
  throw invalid("UnknownOperationException", message, 501);
}

/** Parameters that are safe to ignore: every read is consistent, and an error may lack the old item. */
const HARMLESS = ["ConsistentRead", "ReturnValuesOnConditionCheckFailure"];

function hasNoEffect(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(hasNoEffect);
  return value === null || value === false || value === "STANDARD";
}

/**
 * Validates the nesting of a request, on which dynalite relies. It goes level
 * by level, because deeply nested input would overflow the stack.
 *
 * @throws AwsError with the path of the invalid value.
 */
export function validateShape(request: object): void {
  let level = Object.entries(request);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw invalid("ValidationException", "Nesting Levels have exceeded supported limits");
    const below: [string, unknown][] = [];
    for (const [path, value] of level) {
      if (value === null) throw invalid("SerializationException", `${path} is null.`);
      if (typeof value !== "object") continue;
      for (const [key, inner] of Object.entries(value as object)) {
        if (key === "__proto__") {
          throw invalid("ValidationException", `${path} has a member __proto__, which the local run cannot store.`);
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
