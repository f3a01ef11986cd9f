import { type ConditionValue, listOf, type OneOrMore, type Policy } from "./policy";

/** A user, a role, or the root user of an account. */
export interface IdentityCaller {
  /** ARN such as `arn:aws:iam::123456789012:role/deployer`; for a session, the ARN of its role. */
  readonly arn: string;
  /** Name of the session, when a role is the caller. */
  readonly sessionName?: string;
  /** Identity-based policies, of the user with its groups or of the role. */
  readonly policies?: readonly Policy[];
  readonly permissionsBoundary?: Policy;
}

/** An AWS service under its own name, such as `sns.amazonaws.com`. */
export interface ServiceCaller {
  readonly service: string;
}

/** An identity of another provider: an OIDC or SAML provider's ARN, or a name such as `accounts.google.com`. */
export interface FederatedCaller {
  readonly federated: string;
}

export type Caller = IdentityCaller | ServiceCaller | FederatedCaller | "anonymous";

export interface Target {
  /** `*` for actions that have no resource. */
  readonly arn: string;
  /**
   * Account that owns the resource.
   * @default - the one in the ARN; an S3 ARN has none, so name it
   */
  readonly account?: string;
  /** Resource-based policies: a topic's, a queue's, a bucket's or a key's, or the trust policy of a role. */
  readonly policies?: readonly Policy[];
}

/** The values of condition keys, such as `aws:SourceArn`. Names of keys are compared without case. */
export type Context = Readonly<Record<string, OneOrMore<ConditionValue>>>;

export interface AccessRequest {
  readonly caller: Caller;
  /** Action such as `sns:Publish`. */
  readonly action: string;
  readonly resource: Target;
  /** Condition keys beyond those that the caller and the resource imply. */
  readonly context?: Context;
}

export function isIdentity(caller: Caller): caller is IdentityCaller {
  return typeof caller === "object" && "arn" in caller;
}

const SEGMENTS = 6;

/** Returns the six segments of an ARN; the last one keeps its colons. Undefined if the text is not an ARN. */
export function arnSegments(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  if (parts[0] !== "arn" || parts.length < SEGMENTS) return undefined;
  return [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")];
}

/** Returns the account in an ARN; undefined if it has none, such as an ARN of S3. */
export function accountOf(arn: string): string | undefined {
  return arnSegments(arn)?.[4] || undefined;
}

/** Returns the account that owns a request's resource. */
export function ownerOf({ resource }: AccessRequest): string | undefined {
  return resource.account ?? accountOf(resource.arn);
}

/** Returns the values of a condition key; undefined when the request has none. */
export type ContextValues = (key: string) => readonly string[] | undefined;

/** Looks up condition keys in a request: in its own context, and in what caller and resource imply. */
export function contextValues(request: AccessRequest): ContextValues {
  const entries = Object.entries({
    ...impliedByCaller(request.caller),
    "aws:ResourceAccount": ownerOf(request) ?? [],
    ...request.context,
  });
  const values = new Map(entries.map(([key, value]) => [key.toLowerCase(), listOf<ConditionValue>(value).map(String)]));
  return (key) => {
    const found = values.get(key.toLowerCase());
    return found?.length ? found : undefined;
  };
}

/** Returns condition keys of the caller. A key with an empty list does not exist. */
function impliedByCaller(caller: Caller): Context {
  if (caller === "anonymous") return { "aws:PrincipalIsAWSService": false };
  if ("service" in caller) return { "aws:PrincipalIsAWSService": true, "aws:PrincipalServiceName": caller.service };
  if (!isIdentity(caller)) return { "aws:PrincipalIsAWSService": false, "aws:FederatedProvider": caller.federated };
  return {
    "aws:PrincipalIsAWSService": false,
    "aws:PrincipalArn": caller.arn,
    "aws:PrincipalAccount": accountOf(caller.arn) ?? [],
    "aws:username": /:user\/(?:.*\/)?([^/]+)$/.exec(caller.arn)?.[1] ?? [],
  };
}
