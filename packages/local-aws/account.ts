/** Account ID in every ARN. */
export const ACCOUNT_ID = "000000000000";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Credentials for any client. SDKs need credentials, but nothing here verifies signatures. */
export const CREDENTIALS: Credentials = { accessKeyId: "local", secretAccessKey: "local" };
