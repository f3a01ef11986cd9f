/** DynamoDB allows 32 levels of nesting. Each takes two levels of JSON, and items are a few levels deep in a request. */
const MAX_DEPTH = 80;

/** An error response of DynamoDB to an invalid request. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  constructor(
    readonly type: "SerializationException" | "UnknownOperationException" | "ValidationException",
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/**
 * Parses and validates a request's body. dynalite relies on an object without
 * nulls in its parameters and within DynamoDB's nesting limit.
 *
 * @throws RequestError with the path of the invalid value.
 */
export function readRequest(body: string): object {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (cause) {
    throw new RequestError("SerializationException", `The body is not valid JSON: ${(cause as Error).message}`);
  }
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new RequestError("SerializationException", "The body is not a JSON object.");
  }
  validateShape(request);
  return request;
}

/**
 * Rejects a parameter that has an effect in DynamoDB and that dynalite ignores,
 * such as `DeletionProtectionEnabled`.
 *
 * @param known - The parameters that dynalite handles.
 * @throws RequestError that names the parameter.
 */
export function validateKnownParameters(action: string, request: object, known: object): void {
  const unknown = Object.entries(request).find(
    ([name, value]) => !Object.hasOwn(known, name) && !HARMLESS.includes(name) && !hasNoEffect(value),
  )?.[0];
  if (unknown === undefined) return;
  throw new RequestError(
    "UnknownOperationException",
    `The local run does not support ${action} with ${unknown}. It supports ${Object.keys(known).join(", ")}.`,
    501,
  );
}

/** Parameters that are safe to ignore: every read is consistent, and an error may lack the old item. */
const HARMLESS = ["ConsistentRead", "ReturnValuesOnConditionCheckFailure"];

function hasNoEffect(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(hasNoEffect);
  return value === null || value === false || value === "STANDARD";
}

/** Validates level by level, because deeply nested input would overflow the stack. */
function validateShape(request: object): void {
  // A null parameter counts as absent. Below that, DynamoDB allows no null.
  let level = Object.entries(request).filter(([, value]) => value !== null);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw new RequestError("ValidationException", "Nesting Levels have exceeded supported limits");
    }
    const below: [string, unknown][] = [];
    for (const [path, value] of level) {
      if (value === null) throw new RequestError("SerializationException", `${path} is null.`);
      if (typeof value !== "object") continue;
      for (const [key, inner] of Object.entries(value as object)) {
        if (key === "__proto__") {
          throw new RequestError(
            "ValidationException",
            `${path} has a member __proto__, which the local run cannot store.`,
          );
        }
        below.push([`${path}.${key}`, inner]);
      }
    }
    level = below;
  }
}
