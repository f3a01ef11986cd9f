/** A message from the host to the process that runs a handler. */
export interface InvocationMessage {
  readonly requestId: string;
  readonly event: unknown;
  /** Time at which the host kills the process, in epoch milliseconds. */
  readonly deadline: number;
}

/** A message from the process: `ready` once the handler is loaded, then one per invocation. */
export type RuntimeMessage =
  | { readonly ready: true }
  | { readonly result: unknown }
  | { readonly error: { readonly type: string; readonly message: string } };

/** Returns the mark that ends the log lines of an invocation. The process writes it to stdout and stderr. */
export function endOfLog(requestId: string): string {
  return `\0end of ${requestId}`;
}
