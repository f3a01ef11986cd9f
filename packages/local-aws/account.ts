/** Account ID in every ARN. fauxqs uses the same ID. */
export const ACCOUNT_ID = "000000000000";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Credentials for any client. SDKs need credentials, but the local run does not verify signatures. */
export const CREDENTIALS: Credentials = { accessKeyId: "local", secretAccessKey: "local" };
