/** An error response. */
export class AwsError extends Error {
  override readonly name = "AwsError";

  /**
   * @param code - Name of the error in AWS's API, such as `QueueDoesNotExist`, or a common error code, such as
   * `AccessDenied`. The protocols send the query code and the status from the service's schema.
   * @param status - HTTP status. @default - from the schema, or 400
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status?: number,
    /** More members of the error, such as `Resource` of S3 and `CancellationReasons` of DynamoDB. */
    readonly details: Readonly<Record<string, unknown>> = {},
    /** More headers of an S3 error. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
