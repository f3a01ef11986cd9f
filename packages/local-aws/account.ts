import { randomUUID } from "node:crypto";

/** The account id in every ARN. It is fauxqs's. */
export const ACCOUNT_ID = "000000000000";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Credentials for any client. The local run checks no signature, but SDKs must sign. */
export const CREDENTIALS: Credentials = { accessKeyId: "local", secretAccessKey: "local" };

/**
 * Creates the credentials of the run's own parts and handlers, whose requests
 * are accepted before the run is ready and while it stops. They are new for
 * each run, so that no other client has them.
 */
export function createInternalCredentials(): Credentials {
  return { accessKeyId: `local-internal-${randomUUID()}`, secretAccessKey: CREDENTIALS.secretAccessKey };
}
