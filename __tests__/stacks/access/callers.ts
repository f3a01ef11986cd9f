import type { Policy } from "@event-pipeline/iam-policy/policy";
import type { Caller } from "@event-pipeline/iam-policy/request";
import { OWN_ACCOUNT } from "./account";

export const PARTNER_ACCOUNT = "222222222222";
export const MEMBER_ACCOUNT = "333333333333";
export const STRANGER_ACCOUNT = "444444444444";
export const ORGANIZATION = "o-a1b2c3d4e5";

const EVERYTHING: Policy = {
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
};

function administrator(account: string): Caller {
  return { arn: `arn:aws:iam::${account}:role/administrator`, policies: [EVERYTHING] };
}

/** Callers outside the stack, by the name that rows use. */
export const CALLERS: Readonly<Record<string, Caller>> = {
  administrator: administrator(OWN_ACCOUNT),
  "identity without policies": { arn: `arn:aws:iam::${OWN_ACCOUNT}:user/new` },
  partner: administrator(PARTNER_ACCOUNT),
  "partner without policies": { arn: `arn:aws:iam::${PARTNER_ACCOUNT}:user/new` },
  member: administrator(MEMBER_ACCOUNT),
  "member without policies": { arn: `arn:aws:iam::${MEMBER_ACCOUNT}:user/new` },
  stranger: administrator(STRANGER_ACCOUNT),
  anonymous: "anonymous",
  "CloudWatch alarms": { service: "cloudwatch.amazonaws.com" },
  "CloudWatch Logs": { service: "logs.us-east-1.amazonaws.com" },
  "CloudWatch Logs elsewhere": { service: "logs.eu-west-1.amazonaws.com" },
  EventBridge: { service: "events.amazonaws.com" },
  Firehose: { service: "firehose.amazonaws.com" },
  Lambda: { service: "lambda.amazonaws.com" },
  S3: { service: "s3.amazonaws.com" },
  SNS: { service: "sns.amazonaws.com" },
};
