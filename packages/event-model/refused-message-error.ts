import type { RefusalCode } from "./refusal";

/** A message that no retry can make use of. */
export class RefusedMessageError extends Error {
  override readonly name = "RefusedMessageError";

  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
