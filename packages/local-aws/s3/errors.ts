import { AwsError } from "../protocols/aws-error";

export function noSuchKey(key: string, headers: Readonly<Record<string, string>> = {}): AwsError {
  return new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key }, headers);
}

/** @param name - Name of a query parameter, a header or an XML element. */
export function invalidArgument(name: string, value: unknown, message: string): AwsError {
  return new AwsError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: String(value) });
}

export function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequest", message);
}

/** @param condition - The header whose condition is false. */
export function preconditionFailed(condition: string): AwsError {
  const message = "At least one of the pre-conditions you specified did not hold";
  return new AwsError("PreconditionFailed", message, 412, { Condition: condition });
}

export function malformedXml(): AwsError {
  const message = "The XML you provided was not well-formed or did not validate against our published schema";
  return new AwsError("MalformedXML", message);
}
