import type { JsonInput } from "../protocols/json-service";
import { AwsError } from "../protocols/responses";

/** @throws AwsError when the input has an unsupported parameter. */
export function validateKnown(input: JsonInput, known: readonly string[]): void {
  const unknown = Object.keys(input).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalidParameter(`The local run does not support the parameter ${JSON.stringify(unknown.slice(0, 100))}.`);
}

export function optionalString(input: JsonInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw invalidParameter(`${name} must be a string of at least one character.`);
}

/** Returns a whole number from `min` to `max`; undefined if the parameter is missing. */
export function optionalWholeNumber(input: JsonInput, name: string, min: number, max: number): number | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)) {
    return value;
  }
  throw invalidParameter(`${name} must be a whole number from ${min} to ${max}.`);
}

export function optionalStringList(input: JsonInput, name: string): readonly string[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === "string")) return value;
  throw invalidParameter(`${name} must be a list of at least one string.`);
}

/** Creates the error that CloudWatch Logs returns for an invalid parameter. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}
