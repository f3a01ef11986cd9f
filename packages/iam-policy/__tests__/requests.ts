import { decide } from "../decide";
import type { Policy, Statement } from "../policy";
import type { AccessRequest, Caller, IdentityCaller } from "../request";

export const TOPIC = "arn:aws:sns:us-east-1:111111111111:t";
export const KEY = "arn:aws:kms:us-east-1:111111111111:key/k";
export const ROLE = "arn:aws:iam::111111111111:role/path/r";

export function policy(...statements: readonly Statement[]): Policy {
  return { Version: "2012-10-17", Statement: statements };
}

export function allow(more: Partial<Statement> = {}): Statement {
  return { Effect: "Allow", Action: "*", Resource: "*", ...more };
}

export const EVERYTHING = policy(allow());
export const NOTHING_ELSE = policy(allow({ Action: "s3:*" }));

export function user(account: string, more: Partial<IdentityCaller> = {}): IdentityCaller {
  return { arn: `arn:aws:iam::${account}:user/u`, ...more };
}

export function role(more: Partial<IdentityCaller> = {}): IdentityCaller {
  return { arn: ROLE, sessionName: "s", ...more };
}

export function publish(caller: Caller, principal?: Statement["Principal"]): AccessRequest {
  const policies = principal === undefined ? [] : [policy(allow({ Principal: principal, Action: "sns:Publish" }))];
  return { caller, action: "sns:Publish", resource: { arn: TOPIC, policies } };
}

export function outcome(request: AccessRequest): string {
  const decision = decide(request);
  return decision.allowed ? "allowed" : decision.reason.replace("because no ", "no ").replace(" allows the action", "");
}

export const OWN = { AWS: "111111111111" };
export const OWN_ROOT = { AWS: "arn:aws:iam::111111111111:root" };
export const OTHER = { AWS: "222222222222" };
export const SESSION = { AWS: "arn:aws:sts::111111111111:assumed-role/r/s" };
export const OWN_USER = { AWS: "arn:aws:iam::111111111111:user/u" };
export const IDENTITY = "no identity-based policy";
export const RESOURCE = "no resource-based policy";
export const BOUNDARY = "no permissions boundary";
export const EXPLICIT = "with an explicit deny";
export const ALL = { policies: [EVERYTHING] };
export const BOUND = { permissionsBoundary: NOTHING_ELSE };
