/** A request does not match its operation's schema. Each service has its own error code for it. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";

  /**
   * @param path - The member, such as `Entries[0].Id`; an empty string for the whole request.
   * @param kind - `missing` if the member is required.
   */
  constructor(
    readonly path: string,
    readonly kind: "type" | "missing",
    message: string,
  ) {
    super(message);
  }

  static type(path: string, expected: string): InvalidInput {
    return new InvalidInput(path, "type", `${path || "The request"} must be ${expected}.`);
  }

  static missing(path: string): InvalidInput {
    return new InvalidInput(path, "missing", `The request must contain the parameter ${path}.`);
  }
}

/** A request has a member, a value or a header that has an effect on AWS but is not supported here. */
export class NotSupported extends Error {
  override readonly name = "NotSupported";

  /** @param what - Such as `MessageGroupId` or `StorageClass GLACIER`. */
  constructor(readonly what: string) {
    super(what);
  }
}
