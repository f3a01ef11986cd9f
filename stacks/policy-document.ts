/** One statement of an IAM policy, with the member names of the policy language. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * Returns the JSON text of a policy. Strings may contain tokens. Write IAM's variables with two dollar signs
 * (`$${aws:username}`), so that Terraform does not evaluate them.
 *
 * `Fn.jsonencode` is not an option: it does not escape quotes and backslashes, and its result is invalid HCL.
 */
export function policyDocument(...statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Returns a statement of an identity's policy that allows actions on resources. */
export function allow(
  Sid: string,
  Action: string | readonly string[],
  Resource: string | readonly string[],
): PolicyStatement {
  return { Sid, Effect: "Allow", Action, Resource };
}

/** Returns the condition that a service of the region calls KMS for its own caller. */
export function viaService(service: string, region: string): Readonly<Record<string, string | readonly string[]>> {
  const name = `${service}.${region}.amazonaws.com`;
  // AWS documents neither form for China alone, so both are allowed there.
  return { "kms:ViaService": region.startsWith("cn-") ? [name, `${name}.cn`] : name };
}

/** Denies requests without TLS. */
export function denyInsecureTransport(
  action: string | readonly string[],
  resource: string | readonly string[],
): PolicyStatement {
  return {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: action,
    Resource: resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** Lets SNS send messages of one topic to a queue. */
export function allowSnsToSend(queueArn: string, topicArn: string): PolicyStatement {
  return {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
  };
}
