import { toOperationError } from "./aws-errors";
import { CredentialsError, type OperationError, PermissionError, UsageError } from "./errors";

/** The answer of a source: the thing is there, it is not there, or the source could not be read. */
export type Reading<T> =
  | { readonly state: "there"; readonly value: T }
  | { readonly state: "not there" }
  | { readonly state: "not known"; readonly error: OperationError };

/**
 * Reads a source, so that an error from AWS makes the answer unknown instead of ending the command.
 *
 * @param read - Returns undefined if the thing is not there.
 * @param target - The pipeline as messages name it.
 * @throws UsageError, and the error of an aborted request.
 * @example
 * const newest = await readSource(() => newestObject(pipeline), pipeline.description, signal);
 * if (newest.state === "not known") note(`Not known: ${newest.error.message}`);
 */
export async function readSource<T>(
  read: () => Promise<T | undefined>,
  target: string,
  signal?: AbortSignal,
): Promise<Reading<T>> {
  try {
    const value = await read();
    return value === undefined ? { state: "not there" } : { state: "there", value };
  } catch (error) {
    if (signal?.aborted) throw error;
    const known = toOperationError(error, target);
    if (known instanceof UsageError) throw known;
    return { state: "not known", error: known };
  }
}

/** Returns the value; undefined if it is not there or not known. */
export function knownValue<T>(reading: Reading<T>): T | undefined {
  return reading.state === "there" ? reading.value : undefined;
}

/** Returns whether the credentials themselves fail, so that every other request fails too. */
export function areCredentialsRefused(error: unknown): boolean {
  return error instanceof CredentialsError && !(error instanceof PermissionError);
}
