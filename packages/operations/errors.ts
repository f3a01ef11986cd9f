/** The category of an error, which determines the exit code or the HTTP status. */
export type ErrorKind = "failed" | "usage" | "credentials";

/** An error that the operator can fix. Its message is shown unchanged, so it consists of complete sentences. */
export class OperationError extends Error {
  override readonly name: string = "OperationError";
  readonly kind: ErrorKind = "failed";
}

/** An invalid option value, or options that exclude each other. */
export class UsageError extends OperationError {
  override readonly name = "UsageError";
  override readonly kind = "usage";
}

/** Missing, invalid or expired credentials, or a missing permission. */
export class CredentialsError extends OperationError {
  override readonly name: string = "CredentialsError";
  override readonly kind = "credentials";
}

/** A missing permission for one request. Other requests may be allowed. */
export class PermissionError extends CredentialsError {
  override readonly name = "PermissionError";
}

/** An endpoint at which nothing listens, so that every other request fails too. */
export class NotRunningError extends OperationError {
  override readonly name = "NotRunningError";
}

/** A resource of the pipeline that does not exist. */
export class NotDeployedError extends OperationError {
  override readonly name = "NotDeployedError";
}
