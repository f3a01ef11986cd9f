/** An IAM policy statement, with the element names of IAM's policy language. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * Returns an IAM policy as JSON. Strings may contain tokens. Write IAM's variables with two dollar signs
 * (`$${aws:username}`), so that Terraform does not evaluate them.
 *
 * `Fn.jsonencode` does not work here: it does not escape quotes and backslashes, so its result is invalid HCL.
 */
export function policyDocument(...statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Returns an identity policy's statement that allows actions on resources. */
export function allow(
  Sid: string,
  Action: string | readonly string[],
  Resource: string | readonly string[],
): PolicyStatement {
  return { Sid, Effect: "Allow", Action, Resource };
}

/** Returns the condition that the caller uses KMS through a service of the region. */
export function viaService(service: string, region: string): Readonly<Record<string, string | readonly string[]>> {
  const name = `${service}.${region}.amazonaws.com`;
  // AWS does not document which name applies in China, so both are allowed.
  return { "kms:ViaService": region.startsWith("cn-") ? [name, `${name}.cn`] : name };
}

/** Returns a resource policy's statement that denies requests without TLS. */
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

/** Returns a queue policy's statement that lets SNS send one topic's messages. */
export function allowSnsToSend(queueArn: string, topicArn: string): PolicyStatement {
  return {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
  };
}
