import { JsonServiceError } from "../protocols/json-service";

export type LogsInput = Readonly<Record<string, unknown>>;

/**
 * Returns the parameters of a request by name.
 *
 * @throws JsonServiceError when the request is not an object or has an unsupported parameter.
 */
export function parametersOf(body: unknown, known: readonly string[]): LogsInput {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalidParameter("The request must be a JSON object.");
  }
  // In AWS's protocols, null means that a parameter is missing.
  const input = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const unknown = Object.keys(input).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalidParameter(`The local run does not support the parameter ${JSON.stringify(unknown.slice(0, 100))}.`);
  }
  return input;
}

export function text(input: LogsInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw invalidParameter(`${name} must be a string of at least one character.`);
}

/** Returns a parameter that is a whole number from `min` to `max`. */
export function wholeNumber(input: LogsInput, name: string, min: number, max: number): number | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)) {
    return value;
  }
  throw invalidParameter(`${name} must be a whole number from ${min} to ${max}.`);
}

export function texts(input: LogsInput, name: string): readonly string[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === "string")) return value;
  throw invalidParameter(`${name} must be a list of at least one string.`);
}

/** Creates the error for an invalid parameter of CloudWatch Logs. */
export function invalidParameter(message: string): JsonServiceError {
  return new JsonServiceError("InvalidParameterException", message);
}
