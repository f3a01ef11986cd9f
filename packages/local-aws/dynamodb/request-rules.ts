/** DynamoDB nests values 32 levels deep; each is two of JSON, and an item lies a few deep in its request. */
const MAX_DEPTH = 80;

/** What DynamoDB answers to a request that it cannot take. */
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
 * Reads a request's body, and holds it to what dynalite takes for granted and
 * would end the process without: an object, no nulls within a parameter, and
 * no deeper than DynamoDB nests.
 *
 * @throws RequestError that names the place.
 */
export function readRequest(body: string): object {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch (cause) {
    throw new RequestError("SerializationException", `The body is no JSON: ${(cause as Error).message}`);
  }
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw new RequestError("SerializationException", "The body is no JSON object.");
  }
  holdToShape(request);
  return request;
}

/**
 * Refuses a parameter that asks for something, and that dynalite passes over
 * because it does not know it, such as `DeletionProtectionEnabled`.
 *
 * @param known - What dynalite knows of the action's parameters.
 * @throws RequestError that names the parameter.
 */
export function holdToKnown(action: string, request: object, known: object): void {
  const unknown = Object.entries(request).find(
    ([name, value]) => !Object.hasOwn(known, name) && !HEEDED_ANYWAY.includes(name) && !asksForNothing(value),
  )?.[0];
  if (unknown === undefined) return;
  throw new RequestError(
    "UnknownOperationException",
    `The local run has no ${action} with ${unknown}, which DynamoDB would heed. It takes ${Object.keys(known).join(", ")}.`,
    501,
  );
}

/** Every read here is consistent; and an error without the old item is an error all the same. */
const HEEDED_ANYWAY = ["ConsistentRead", "ReturnValuesOnConditionCheckFailure"];

function asksForNothing(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(asksForNothing);
  return value === null || value === false || value === "STANDARD";
}

/** Without recursion, for the nesting is the client's. */
function holdToShape(request: object): void {
  // A parameter that is null counts as absent; below that, nothing in DynamoDB's model may be.
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
            `${path} has a member __proto__, which DynamoDB stores and the local run cannot.`,
          );
        }
        below.push([`${path}.${key}`, inner]);
      }
    }
    level = below;
  }
}
