import type { Context } from "@event-pipeline/iam-policy/request";
import { OWN_ACCOUNT, REGION } from "./account";

/**
 * A request and its expected result. `who` is a name in `CALLERS` or a role's address. `resource` is `*` or an address,
 * optionally followed by a space and a suffix for the ARN.
 */
export type Row = readonly [
  who: string,
  action: string,
  resource: string,
  context: Context,
  expected: "allowed" | "denied",
];

export const TLS: Context = { "aws:SecureTransport": true };
export const PLAIN: Context = { "aws:SecureTransport": false };
export const TOPIC_ARN = `arn:aws:sns:${REGION}:${OWN_ACCOUNT}:alice-events`;
const OTHER_TOPIC_ARN = `arn:aws:sns:${REGION}:${OWN_ACCOUNT}:bob-events`;

export function forAccount(account: string): Context {
  return { ...TLS, "aws:SourceAccount": account };
}

export const FROM_TOPIC: Context = { ...forAccount(OWN_ACCOUNT), "aws:SourceArn": TOPIC_ARN };
export const FROM_OTHER_TOPIC: Context = { ...forAccount(OWN_ACCOUNT), "aws:SourceArn": OTHER_TOPIC_ARN };

export function via(service: string, region = REGION): Context {
  return { ...TLS, "kms:ViaService": `${service}.${region}.amazonaws.com` };
}

export const FOR_TOPIC: Context = { ...TLS, "kms:EncryptionContext:aws:sns:topicArn": TOPIC_ARN };
export const FOR_OTHER_TOPIC: Context = { ...TLS, "kms:EncryptionContext:aws:sns:topicArn": OTHER_TOPIC_ARN };
