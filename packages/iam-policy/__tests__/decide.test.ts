import type { Statement } from "../policy";
import type { AccessRequest, Caller } from "../request";
import {
  ALL,
  allow,
  BOUND,
  BOUNDARY,
  EVERYTHING,
  IDENTITY,
  KEY,
  OTHER,
  OWN,
  OWN_ROOT,
  OWN_USER,
  outcome,
  policy,
  publish,
  RESOURCE,
  ROLE,
  role,
  SESSION,
  user,
} from "./requests";

describe("decides on a request within one account:", () => {
  test.each<[string, AccessRequest, string]>([
    ["with an identity policy", publish(user("111111111111", ALL)), "allowed"],
    ["without a policy", publish(user("111111111111")), IDENTITY],
    ["with the account's ID in the resource policy", publish(user("111111111111"), OWN), IDENTITY],
    ["with the root user's ARN in the resource policy", publish(user("111111111111"), OWN_ROOT), IDENTITY],
    ["by the root user, without a policy", publish({ arn: OWN_ROOT.AWS }), "allowed"],
    ["with the user in the resource policy", publish(user("111111111111"), OWN_USER), "allowed"],
    ["with everyone (*) in the resource policy", publish(user("111111111111"), "*"), "allowed"],
    ["with everyone (AWS: *) in the resource policy", publish(user("111111111111"), { AWS: "*" }), "allowed"],
    ["with the role in the resource policy", publish(role(), { AWS: ROLE }), "allowed"],
    ["with the session in the resource policy", publish(role(), SESSION), "allowed"],
    ["with another session in the resource policy", publish(role({ sessionName: "z" }), SESSION), IDENTITY],
    ["with the role among several principals", publish(role(), { AWS: ["333333333333", ROLE] }), "allowed"],
    ["with a wildcard in a principal's name", publish(role(), { AWS: "arn:aws:iam::111111111111:role/*" }), IDENTITY],
    ["with only a permissions boundary", publish(user("111111111111", { permissionsBoundary: EVERYTHING })), IDENTITY],
    [
      "with a boundary that does not allow what the identity policy allows",
      publish(user("111111111111", { ...ALL, ...BOUND })),
      BOUNDARY,
    ],
    [
      "with such a boundary, and the account in the resource policy",
      publish(user("111111111111", { ...ALL, ...BOUND }), OWN),
      BOUNDARY,
    ],
    ["with such a boundary, and the role in the resource policy", publish(role(BOUND), { AWS: ROLE }), BOUNDARY],
    ["with such a boundary, and the session in the resource policy", publish(role(BOUND), SESSION), "allowed"],
    [
      "with such a boundary, and the user in the resource policy",
      publish(user("111111111111", BOUND), OWN_USER),
      "allowed",
    ],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));
});

describe("requires both policies across accounts:", () => {
  test.each<[string, AccessRequest, string]>([
    ["with both policies", publish(user("222222222222", ALL), OTHER), "allowed"],
    ["with only the resource policy", publish(user("222222222222"), OTHER), IDENTITY],
    ["with only the identity policy", publish(user("222222222222", ALL)), RESOURCE],
    ["with another account in the resource policy", publish(user("333333333333", ALL), OTHER), RESOURCE],
    ["with everyone in the resource policy, without an identity policy", publish(user("222222222222"), "*"), IDENTITY],
    [
      "with the user in the resource policy, without an identity policy",
      publish(user("222222222222"), { AWS: "arn:aws:iam::222222222222:user/u" }),
      IDENTITY,
    ],
    [
      "with a boundary that does not allow the request",
      publish(user("222222222222", { ...ALL, ...BOUND }), OTHER),
      BOUNDARY,
    ],
    [
      "by the root user, with the resource policy",
      publish({ arn: "arn:aws:iam::222222222222:root" }, OTHER),
      "allowed",
    ],
    ["by the root user, without the resource policy", publish({ arn: "arn:aws:iam::222222222222:root" }), RESOURCE],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));

  test("takes a bucket's account from the request, because an S3 ARN has none", () => {
    const read = { caller: user("111111111111", ALL), action: "s3:GetObject" };
    expect(outcome({ ...read, resource: { arn: "arn:aws:s3:::b/k", account: "111111111111" } })).toBe("allowed");
    expect(outcome({ ...read, resource: { arn: "arn:aws:s3:::b/k", account: "222222222222" } })).toBe(RESOURCE);
  });
});

describe("requires a key policy for a KMS request:", () => {
  const decrypt = (caller: Caller, ...statements: readonly Statement[]): AccessRequest => ({
    caller,
    action: "kms:Decrypt",
    resource: { arn: KEY, policies: [policy(...statements)] },
  });

  test.each<[string, AccessRequest, string]>([
    ["with only an identity policy", decrypt(user("111111111111", ALL)), RESOURCE],
    ["by the root user, without a key policy", decrypt({ arn: OWN_ROOT.AWS }), RESOURCE],
    [
      "with the account in the key policy, and an identity policy",
      decrypt(user("111111111111", ALL), allow({ Principal: OWN })),
      "allowed",
    ],
    [
      "with the account in the key policy, without an identity policy",
      decrypt(user("111111111111"), allow({ Principal: OWN })),
      IDENTITY,
    ],
    [
      "with the account in the key policy for another action",
      decrypt(user("111111111111", ALL), allow({ Principal: OWN, Action: "kms:Encrypt" })),
      RESOURCE,
    ],
    ["with the role in the key policy", decrypt(role(), allow({ Principal: { AWS: ROLE } })), "allowed"],
    [
      "a service",
      decrypt({ service: "sns.amazonaws.com" }, allow({ Principal: { Service: "sns.amazonaws.com" } })),
      "allowed",
    ],
    [
      "by a service in place of an account",
      decrypt({ service: "sns.amazonaws.com" }, allow({ Principal: OWN })),
      RESOURCE,
    ],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));
});

describe("requires a trust policy to assume a role:", () => {
  const assume = (caller: Caller, trust: Statement, action = "sts:AssumeRole"): AccessRequest => ({
    caller,
    action,
    resource: { arn: ROLE, policies: [policy(trust)] },
  });
  const trusts = (principal: Statement["Principal"], more: Partial<Statement> = {}): Statement => ({
    Effect: "Allow",
    ...(principal && { Principal: principal }),
    Action: "sts:AssumeRole",
    ...more,
  });
  const lambda = { Service: "lambda.amazonaws.com" };
  const oidc = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
  const web = { Federated: oidc };
  const webAction = "sts:AssumeRoleWithWebIdentity";

  test.each<[string, AccessRequest, string]>([
    ["by the trusted service", assume({ service: "lambda.amazonaws.com" }, trusts(lambda)), "allowed"],
    ["by another service", assume({ service: "ec2.amazonaws.com" }, trusts(lambda)), RESOURCE],
    ["by an administrator who is not trusted", assume(user("111111111111", ALL), trusts(lambda)), RESOURCE],
    ["by a user of a trusted account", assume(user("111111111111", ALL), trusts(OWN)), "allowed"],
    ["by the root user of a trusted account", assume({ arn: OWN_ROOT.AWS }, trusts(OWN)), IDENTITY],
    ["by a user of a trusted account, without an identity policy", assume(user("111111111111"), trusts(OWN)), IDENTITY],
    ["by a user of another, trusted account", assume(user("222222222222", ALL), trusts(OTHER)), "allowed"],
    [
      "by a user of the trusted identity provider",
      assume({ federated: oidc }, trusts(web, { Action: webAction }), webAction),
      "allowed",
    ],
    [
      "by a user of another identity provider",
      assume({ federated: "cognito" }, trusts(web, { Action: webAction }), webAction),
      RESOURCE,
    ],
    ["by an anonymous caller", assume("anonymous", trusts(OWN)), RESOURCE],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));

  test("ignores an identity policy without a Resource element", () => {
    const { Resource: _, ...withoutResource } = allow();
    expect(outcome(publish(user("111111111111", { policies: [policy(withoutResource)] })))).toBe(IDENTITY);
  });
});
