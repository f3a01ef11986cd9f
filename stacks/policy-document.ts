/** One statement of an IAM policy, in the words of the policy language. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * The JSON text of a policy. Tokens may stand in any string; in the synthesized
 * JSON they become `${...}` references inside the text. Write IAM's own
 * variables with two dollars (`$${aws:username}`), or Terraform resolves them.
 *
 * `Fn.jsonencode` is not used: it renders quotes and backslashes unescaped,
 * which is invalid HCL.
 */
export function policyDocument(...statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/**
 * The trust policy that lets one AWS service assume a role.
 *
 * @param accountId - Account that the service has to act for; undefined for a service that does not say.
 */
export function trustPolicy(service: string, accountId: string | undefined): string {
  return policyDocument({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(accountId !== undefined && { Condition: { StringEquals: { "aws:SourceAccount": accountId } } }),
  });
}

/** The condition that KMS is called by a service of this region, on behalf of whoever calls the service. */
export function viaService(service: string, region: string): Readonly<Record<string, string | readonly string[]>> {
  const name = `${service}.${region}.amazonaws.com`;
  // AWS documents neither form for China alone, so there both are allowed.
  return { "kms:ViaService": region.startsWith("cn-") ? [name, `${name}.cn`] : name };
}

/** Refuses everybody who does not use TLS. */
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

/** Lets SNS send to a queue, from one topic only. */
export function allowSnsToSend(queueArn: string, topicArn: string): PolicyStatement {
  return {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
  };
}
