/** The account that fauxqs puts into every ARN. */
export const ACCOUNT_ID = "000000000000";

/** fauxqs and dynalite check no signature, but the SDKs insist on signing. */
export const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

/** The SDK's advice to upgrade Node.js is not what the reader of this run came for. */
export const NO_SDK_VERSION_WARNING = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" } as const;
