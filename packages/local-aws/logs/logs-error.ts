import { JsonServiceError } from "../json-service";

export function invalidParameter(message: string): JsonServiceError {
  return new JsonServiceError("InvalidParameterException", message);
}
