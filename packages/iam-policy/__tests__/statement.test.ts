import type { Statement } from "../policy";
import type { Caller } from "../request";
import { ALL, allow, EXPLICIT, IDENTITY, outcome, policy, publish, ROLE, role, SESSION, TOPIC, user } from "./requests";

describe("what a statement is about", () => {
  const by = (statement: Statement) => outcome(publish(user("111111111111", { policies: [policy(statement)] })));
  test.each<[string, Statement, string]>([
    ["an action in other capitals", allow({ Action: "SNS:publish" }), "allowed"],
    ["a wildcard in an action", allow({ Action: ["sqs:*", "sns:Pub*"] }), "allowed"],
    ["another action", allow({ Action: "sns:PublishBatch" }), IDENTITY],
    ["NotAction of another", { Effect: "Allow", NotAction: "sns:Subscribe", Resource: "*" }, "allowed"],
    ["NotAction of it", { Effect: "Allow", NotAction: ["sns:*"], Resource: "*" }, IDENTITY],
    ["NotResource of another", { Effect: "Allow", Action: "*", NotResource: `${TOPIC}2` }, "allowed"],
    ["NotResource of it", { Effect: "Allow", Action: "*", NotResource: "arn:aws:sns:*:*:*" }, IDENTITY],
    ["a resource by a variable", allow({ Resource: "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:t" }), "allowed"],
    ["a condition on the caller", allow({ Condition: { StringEquals: { "aws:username": "u" } } }), "allowed"],
    ["a condition on another", allow({ Condition: { StringEquals: { "AWS:UserName": "v" } } }), IDENTITY],
    [
      "a condition on the owner",
      allow({ Condition: { StringEquals: { "aws:ResourceAccount": "111111111111" } } }),
      "allowed",
    ],
  ])("%s", (_, statement, expected) => expect(by(statement)).toBe(expected));

  test("a variable is text in a policy without the version that has variables", () => {
    const byAccount = allow({ Resource: "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:t" });
    for (const Version of ["2008-10-17", undefined]) {
      const old = { ...(Version !== undefined && { Version }), Statement: byAccount };
      expect(outcome(publish(user("111111111111", { policies: [old] })))).toBe(IDENTITY);
    }
  });

  test("the owner of a bucket is the account that is passed", () => {
    const onOwner = allow({ Condition: { StringEquals: { "aws:ResourceAccount": "111111111111" } } });
    const caller = user("111111111111", { policies: [policy(onOwner)] });
    const resource = { arn: "arn:aws:s3:::b/k", account: "111111111111" };
    expect(outcome({ caller, action: "s3:GetObject", resource })).toBe("allowed");
  });

  test.each<[string, Caller, string]>([
    ["a user who is not listed, though the account is", user("111111111111", ALL), EXPLICIT],
    ["a session of which all names are exempt", role(ALL), "allowed"],
    ["another session of the role", role({ ...ALL, sessionName: "z" }), EXPLICIT],
    ["a service that is not", { service: "s3.amazonaws.com" }, EXPLICIT],
    ["somebody anonymous", "anonymous", EXPLICIT],
  ])("Deny with NotPrincipal: %s", (_, caller, expected) => {
    const deny: Statement = {
      Effect: "Deny",
      NotPrincipal: { AWS: ["111111111111", ROLE, SESSION.AWS] },
      Action: "*",
      Resource: "*",
    };
    const policies = [policy(deny, allow({ Principal: "*" }))];
    const request = { caller, action: "sns:Publish", resource: { arn: TOPIC, policies } };
    expect(outcome(request)).toBe(expected);
  });

  test("Principal * of a Deny means services and anonymous callers too", () => {
    for (const caller of [{ service: "sns.amazonaws.com" }, "anonymous", user("111111111111", ALL)] as const) {
      const statements = [allow({ Principal: "*" }), allow({ Effect: "Deny", Principal: "*" })];
      const request = { caller, action: "sns:Publish", resource: { arn: TOPIC, policies: [policy(...statements)] } };
      expect(outcome(request)).toBe(EXPLICIT);
    }
  });
});
