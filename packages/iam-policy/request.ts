import { type ConditionValue, listOf, type OneOrMore, type Policy } from "./policy";

/** A user, a role, or the root user of an account. */
export interface IdentityCaller {
  /** ARN such as `arn:aws:iam::123456789012:role/deployer`. For a role session, the role's ARN. */
  readonly arn: string;
  /** Role session name, if the caller is a role session. */
  readonly sessionName?: string;
  /** Identity-based policies of the user and its groups, or of the role. */
  readonly policies?: readonly Policy[];
  readonly permissionsBoundary?: Policy;
}

/** An AWS service that calls as a service principal, such as `sns.amazonaws.com`. */
export interface ServiceCaller {
  readonly service: string;
}

/** A federated user, by the provider's ARN (OIDC or SAML) or name, such as `accounts.google.com`. */
export interface FederatedCaller {
  readonly federated: string;
}

export type Caller = IdentityCaller | ServiceCaller | FederatedCaller | "anonymous";

export interface Target {
  /** `*` for actions that have no resource. */
  readonly arn: string;
  /**
   * Account that owns the resource.
   * @default - the account in the ARN. It is required for S3, whose ARNs contain no account.
   */
  readonly account?: string;
  /** Resource-based policies: those of a topic, queue, bucket or key, or a role's trust policy. */
  readonly policies?: readonly Policy[];
}

/** Values by condition key, such as `aws:SourceArn`. The names of condition keys are case-insensitive. */
export type Context = Readonly<Record<string, OneOrMore<ConditionValue>>>;

export interface AccessRequest {
  readonly caller: Caller;
  /** Action such as `sns:Publish`. */
  readonly action: string;
  readonly resource: Target;
  /** Condition keys in addition to those that follow from the caller and the resource. */
  readonly context?: Context;
}

export function isIdentity(caller: Caller): caller is IdentityCaller {
  return typeof caller === "object" && "arn" in caller;
}

const SEGMENTS = 6;

/** Splits an ARN into six segments, of which the last may contain colons. Returns undefined for other texts. */
export function arnSegments(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  if (parts[0] !== "arn" || parts.length < SEGMENTS) return undefined;
  return [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")];
}

/** Returns the account in an ARN; undefined if the ARN contains none, as in S3. */
export function accountOf(arn: string): string | undefined {
  return arnSegments(arn)?.[4] || undefined;
}

export function ownerOf({ resource }: AccessRequest): string | undefined {
  return resource.account ?? accountOf(resource.arn);
}

/** Returns a condition key's values; undefined if the request does not have the key. */
export type ContextValues = (key: string) => readonly string[] | undefined;

/** Returns a lookup of condition keys: those in the request's context, and those of its caller and resource. */
export function contextValues(request: AccessRequest): ContextValues {
  const values = new Map(
    Object.entries(contextOf(request)).map(([key, value]) => [
      key.toLowerCase(),
      listOf<ConditionValue>(value).map(String),
    ]),
  );
  return (key) => {
    const found = values.get(key.toLowerCase());
    return found?.length ? found : undefined;
  };
}

/** Returns the condition keys of a request. An empty list means that the request does not have the key. */
export function contextOf(request: AccessRequest): Context {
  return {
    ...impliedByCaller(request.caller),
    "aws:ResourceAccount": ownerOf(request) ?? [],
    ...request.context,
  };
}

/** Returns the caller's condition keys. An empty list means that the request does not have the key. */
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
