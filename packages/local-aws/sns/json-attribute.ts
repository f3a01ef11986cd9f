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
