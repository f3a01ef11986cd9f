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
