import { AwsError } from "../protocols/aws-error";

/** @param reason - Such as `TopicArn Reason: no value for required parameter`. */
export function invalidParameter(reason: string): AwsError {
  return new AwsError("InvalidParameterException", `Invalid parameter: ${reason}`);
}

/** @param what - Such as `Topic`. */
export function notFound(what: string, arn: string): AwsError {
  return new AwsError("NotFoundException", `${what} does not exist: ${arn}`);
}

/** @throws AwsError when a parameter's value cannot be an ARN. */
export function assertArn(arn: string, parameter: string): void {
  if (arn === "") throw invalidParameter(`${parameter} Reason: no value for required parameter`);
  const { length } = arn.split(":");
  if (length < 6) throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${length}`);
}

/**
 * Parses a JSON object.
 *
 * @param problem - Text before the reason of an error.
 * @throws AwsError when the text is not a JSON object.
 */
export function parseJsonObject(problem: string, json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalidParameter(`${problem}: ${(error as Error).message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidParameter(`${problem}: expected a JSON object, not ${json}`);
}
