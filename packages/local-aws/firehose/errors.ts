import { AwsError } from "../protocols/aws-error";

export function invalidArgument(message: string): AwsError {
  return new AwsError("InvalidArgumentException", message);
}

/** The error for a value that AWS's schema does not allow. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
