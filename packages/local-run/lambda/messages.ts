/** What the host sends to the process that runs a handler. */
export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  /** Epoch milliseconds at which the host kills the process. */
  readonly deadline: number;
}

/** What comes back: first `ready` once the handler is loaded, then one reply for each invocation. */
export type Reply =
  | { readonly ready: true }
  | { readonly result: unknown }
  | { readonly error: { readonly type: string; readonly message: string } };

/** What the process writes to both of its outputs before its reply: the lines of the invocation end there. */
export function endOfLog(requestId: string): string {
  return `\0end of ${requestId}`;
}
