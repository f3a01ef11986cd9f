import { randomUUID } from "node:crypto";

/** The account that fauxqs puts into every ARN. */
export const ACCOUNT_ID = "000000000000";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** fauxqs and dynalite check no signature, but the SDKs insist on signing. */
export const CREDENTIALS: Credentials = { accessKeyId: "local", secretAccessKey: "local" };

/**
 * Credentials of the run's own parts and of its handlers, which are answered
 * before the run is ready and after it takes no more. New for each run, so
 * that nobody else has them by habit.
 */
export function insiderCredentials(): Credentials {
  return { accessKeyId: `local-insider-${randomUUID()}`, secretAccessKey: CREDENTIALS.secretAccessKey };
}
