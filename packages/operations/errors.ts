/** What kind of end an error is, for who has to choose an exit code or a status. */
export type ErrorKind = "failed" | "usage" | "credentials";

/** Something that the operator can put right; its message is a sentence to be shown as it is. */
export class OperationError extends Error {
  override readonly name: string = "OperationError";
  readonly kind: ErrorKind = "failed";
}

/** What was asked for cannot be: a value that is out of range, options that exclude each other. */
export class UsageError extends OperationError {
  override readonly name = "UsageError";
  override readonly kind = "usage";
}

/** There are no credentials, AWS does not take them, or they may not do this. */
export class CredentialsError extends OperationError {
  override readonly name = "CredentialsError";
  override readonly kind = "credentials";
}

/** A resource of the pipeline is not where its name says. */
export class NotDeployedError extends OperationError {
  override readonly name = "NotDeployedError";
}
