import { invalidParameter } from "./logs-error";

export type Input = Readonly<Record<string, unknown>>;

/**
 * What a client sent, as parameters by name.
 *
 * @throws JsonServiceError when it is no object, or has a parameter that would be left out of account.
 */
export function parametersOf(body: unknown, known: readonly string[]): Input {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalidParameter("The request must be a JSON object.");
  }
  // JSON's null is, in AWS's protocols, a parameter left out.
  const input = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const unknown = Object.keys(input).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalidParameter(`The local run does not know the parameter ${JSON.stringify(unknown.slice(0, 100))}.`);
  }
  return input;
}

export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw invalidParameter(`${name} must be a string of at least one character.`);
}

/** A whole number from `min` to `max`. */
export function wholeNumber(input: Input, name: string, min: number, max: number): number | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)) {
    return value;
  }
  throw invalidParameter(`${name} must be a whole number from ${min} to ${max}.`);
}

export function texts(input: Input, name: string): readonly string[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === "string")) return value;
  throw invalidParameter(`${name} must be a list of at least one string.`);
}
