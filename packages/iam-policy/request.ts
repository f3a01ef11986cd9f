import type { ConditionValue, OneOrMore, Policy } from "./policy";

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
