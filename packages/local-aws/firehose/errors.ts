import { AwsError } from "../protocols/aws-error";

export function invalidArgument(message: string): AwsError {
  return new AwsError("InvalidArgumentException", message);
}
