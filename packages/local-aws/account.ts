/** The account id in every ARN. It is fauxqs's. */
export const ACCOUNT_ID = "000000000000";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Credentials for any client. The local run checks no signature, but SDKs must sign. */
export const CREDENTIALS: Credentials = { accessKeyId: "local", secretAccessKey: "local" };
