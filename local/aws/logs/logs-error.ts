/** An error as CloudWatch Logs answers it. */
export class LogsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export function invalidParameter(message: string): LogsError {
  return new LogsError("InvalidParameterException", message);
}
