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

describe("in one account", () => {
  test.each<[string, AccessRequest, string]>([
    ["an identity policy is enough", publish(user("111111111111", ALL)), "allowed"],
    ["nothing is not", publish(user("111111111111")), IDENTITY],
    ["the account in the resource's policy delegates", publish(user("111111111111"), OWN), IDENTITY],
    ["and so does the ARN of its root user", publish(user("111111111111"), OWN_ROOT), IDENTITY],
    ["the root user needs no policy", publish({ arn: OWN_ROOT.AWS }), "allowed"],
    ["a user that the resource's policy names is allowed", publish(user("111111111111"), OWN_USER), "allowed"],
    ["so is everyone", publish(user("111111111111"), "*"), "allowed"],
    ["written either way", publish(user("111111111111"), { AWS: "*" }), "allowed"],
    ["a role", publish(role(), { AWS: ROLE }), "allowed"],
    ["a session", publish(role(), SESSION), "allowed"],
    ["no other session", publish(role({ sessionName: "z" }), SESSION), IDENTITY],
    ["one of several principals", publish(role(), { AWS: ["333333333333", ROLE] }), "allowed"],
    ["no part of a name", publish(role(), { AWS: "arn:aws:iam::111111111111:role/*" }), IDENTITY],
    ["a boundary alone allows nothing", publish(user("111111111111", { permissionsBoundary: EVERYTHING })), IDENTITY],
    ["a boundary limits identity policies", publish(user("111111111111", { ...ALL, ...BOUND })), BOUNDARY],
    ["a boundary limits delegation", publish(user("111111111111", { ...ALL, ...BOUND }), OWN), BOUNDARY],
    ["a boundary limits a role that is named", publish(role(BOUND), { AWS: ROLE }), BOUNDARY],
    ["a boundary does not limit a session that is named", publish(role(BOUND), SESSION), "allowed"],
    ["nor a user", publish(user("111111111111", BOUND), OWN_USER), "allowed"],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));
});

describe("across accounts both sides have to allow", () => {
  test.each<[string, AccessRequest, string]>([
    ["both", publish(user("222222222222", ALL), OTHER), "allowed"],
    ["the resource's alone", publish(user("222222222222"), OTHER), IDENTITY],
    ["the identity's alone", publish(user("222222222222", ALL)), RESOURCE],
    ["another account's", publish(user("333333333333", ALL), OTHER), RESOURCE],
    ["everyone's, without an identity policy", publish(user("222222222222"), "*"), IDENTITY],
    ["the user's own name", publish(user("222222222222"), { AWS: "arn:aws:iam::222222222222:user/u" }), IDENTITY],
    ["outside of the boundary", publish(user("222222222222", { ...ALL, ...BOUND }), OTHER), BOUNDARY],
    ["its root user", publish({ arn: "arn:aws:iam::222222222222:root" }, OTHER), "allowed"],
    ["its root user, unnamed", publish({ arn: "arn:aws:iam::222222222222:root" }), RESOURCE],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));

  test("the account of an S3 bucket is passed, because its ARN has none", () => {
    const read = { caller: user("111111111111", ALL), action: "s3:GetObject" };
    expect(outcome({ ...read, resource: { arn: "arn:aws:s3:::b/k", account: "111111111111" } })).toBe("allowed");
    expect(outcome({ ...read, resource: { arn: "arn:aws:s3:::b/k", account: "222222222222" } })).toBe(RESOURCE);
  });
});

describe("a key's policy has to allow every use", () => {
  const decrypt = (caller: Caller, ...statements: readonly Statement[]): AccessRequest => ({
    caller,
    action: "kms:Decrypt",
    resource: { arn: KEY, policies: [policy(...statements)] },
  });

  test.each<[string, AccessRequest, string]>([
    ["an identity policy alone", decrypt(user("111111111111", ALL)), RESOURCE],
    ["the root user alone", decrypt({ arn: OWN_ROOT.AWS }), RESOURCE],
    ["delegation to the account", decrypt(user("111111111111", ALL), allow({ Principal: OWN })), "allowed"],
    ["delegation without an identity policy", decrypt(user("111111111111"), allow({ Principal: OWN })), IDENTITY],
    [
      "delegation of another action",
      decrypt(user("111111111111", ALL), allow({ Principal: OWN, Action: "kms:Encrypt" })),
      RESOURCE,
    ],
    ["a role that is named", decrypt(role(), allow({ Principal: { AWS: ROLE } })), "allowed"],
    [
      "a service",
      decrypt({ service: "sns.amazonaws.com" }, allow({ Principal: { Service: "sns.amazonaws.com" } })),
      "allowed",
    ],
    [
      "a service under an account's name",
      decrypt({ service: "sns.amazonaws.com" }, allow({ Principal: OWN })),
      RESOURCE,
    ],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));
});

describe("a trust policy names no resource", () => {
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
    ["the service", assume({ service: "lambda.amazonaws.com" }, trusts(lambda)), "allowed"],
    ["another service", assume({ service: "ec2.amazonaws.com" }, trusts(lambda)), RESOURCE],
    ["an administrator who is not trusted", assume(user("111111111111", ALL), trusts(lambda)), RESOURCE],
    ["a user of a trusted account", assume(user("111111111111", ALL), trusts(OWN)), "allowed"],
    ["the root user of it, who assumes no roles", assume({ arn: OWN_ROOT.AWS }, trusts(OWN)), IDENTITY],
    ["a user of it who may not", assume(user("111111111111"), trusts(OWN)), IDENTITY],
    ["a user of another account that is trusted", assume(user("222222222222", ALL), trusts(OTHER)), "allowed"],
    ["a provider's identity", assume({ federated: oidc }, trusts(web, { Action: webAction }), webAction), "allowed"],
    ["another provider's", assume({ federated: "cognito" }, trusts(web, { Action: webAction }), webAction), RESOURCE],
    ["anybody anonymous", assume("anonymous", trusts(OWN)), RESOURCE],
  ])("%s", (_, request, expected) => expect(outcome(request)).toBe(expected));

  test("an identity policy without a resource matches nothing", () => {
    const { Resource: _, ...withoutResource } = allow();
    expect(outcome(publish(user("111111111111", { policies: [policy(withoutResource)] })))).toBe(IDENTITY);
  });
});
