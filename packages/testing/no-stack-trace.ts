/**
 * Replaces CDKTF's function in tests. Otherwise, Jest would map each frame of each token's stack trace to its source.
 */
export function captureStackTrace(): string[] {
  return [];
}

/** Replaces the function that CDKTF's fork has instead. */
export const captureCreationStack = captureStackTrace;
