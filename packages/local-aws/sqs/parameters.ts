import { AwsError } from "../protocols/aws-error";
import { InvalidInput } from "../protocols/invalid-input";
import type { Queue } from "./queue";
import { invalidValue } from "./queue-attributes";

/** Returns SQS's error for a parameter that is missing or empty. */
export function missingParameter(name: string): AwsError {
  return new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

/**
 * Returns a number that is in its range; undefined if it is absent.
 *
 * @throws AwsError when it is out of range, and InvalidInput when it is not a whole number.
 */
export function inRange(name: string, value: number | undefined, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value)) throw InvalidInput.type(name, "a whole number");
  if (value >= min && value <= max) return value;
  throw invalidValue(name, value, `Must be between ${min} and ${max}, if provided.`);
}

const MAX_RESULTS = 1_000;

/** Returns the URLs of a page of queues, and the token of the next page. */
export function page(queues: readonly Queue[], maxResults: number | undefined, nextToken: string | undefined) {
  const limit = inRange("MaxResults", maxResults, 1, MAX_RESULTS);
  const after = Buffer.from(nextToken ?? "", "base64").toString();
  if (Buffer.from(after).toString("base64") !== (nextToken ?? "")) {
    throw invalidValue("NextToken", nextToken, "Use the token of the previous page.");
  }
  const rest = queues.filter(({ name }) => name > after);
  const found = rest.slice(0, limit ?? MAX_RESULTS);
  const last = rest.length > found.length && limit !== undefined ? found.at(-1)?.name : undefined;
  return {
    urls: found.map(({ url }) => url),
    NextToken: last === undefined ? undefined : Buffer.from(last).toString("base64"),
  };
}
