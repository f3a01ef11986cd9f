import type { Statement } from "../policy";
import type { Caller } from "../request";
import { ALL, allow, EXPLICIT, IDENTITY, outcome, policy, publish, ROLE, role, SESSION, TOPIC, user } from "./requests";

describe("decides whether a statement applies, with", () => {
  const by = (statement: Statement) => outcome(publish(user("111111111111", { policies: [policy(statement)] })));
  test.each<[string, Statement, string]>([
    ["an action in different case", allow({ Action: "SNS:publish" }), "allowed"],
    ["a wildcard in an action", allow({ Action: ["sqs:*", "sns:Pub*"] }), "allowed"],
    ["another action", allow({ Action: "sns:PublishBatch" }), IDENTITY],
    ["NotAction for another action", { Effect: "Allow", NotAction: "sns:Subscribe", Resource: "*" }, "allowed"],
    ["NotAction for the action", { Effect: "Allow", NotAction: ["sns:*"], Resource: "*" }, IDENTITY],
    ["NotResource for another resource", { Effect: "Allow", Action: "*", NotResource: `${TOPIC}2` }, "allowed"],
    ["NotResource for the resource", { Effect: "Allow", Action: "*", NotResource: "arn:aws:sns:*:*:*" }, IDENTITY],
    [
      "a variable in the resource's ARN",
      allow({ Resource: "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:t" }),
      "allowed",
    ],
    ["a condition for the caller's name", allow({ Condition: { StringEquals: { "aws:username": "u" } } }), "allowed"],
    ["a condition for another user's name", allow({ Condition: { StringEquals: { "AWS:UserName": "v" } } }), IDENTITY],
    [
      "a condition for the resource's account",
      allow({ Condition: { StringEquals: { "aws:ResourceAccount": "111111111111" } } }),
      "allowed",
    ],
  ])("%s", (_, statement, expected) => expect(by(statement)).toBe(expected));

  test("treats a variable as text in a policy of an older version", () => {
    const byAccount = allow({ Resource: "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:t" });
    for (const Version of ["2008-10-17", undefined]) {
      const old = { ...(Version !== undefined && { Version }), Statement: byAccount };
      expect(outcome(publish(user("111111111111", { policies: [old] })))).toBe(IDENTITY);
    }
  });

  test("takes a bucket's account from the request", () => {
    const onOwner = allow({ Condition: { StringEquals: { "aws:ResourceAccount": "111111111111" } } });
    const caller = user("111111111111", { policies: [policy(onOwner)] });
    const resource = { arn: "arn:aws:s3:::b/k", account: "111111111111" };
    expect(outcome({ caller, action: "s3:GetObject", resource })).toBe("allowed");
  });

  test.each<[string, Caller, string]>([
    ["a user who is not listed, although the account is", user("111111111111", ALL), EXPLICIT],
    ["a session whose ARN, role and account are listed", role(ALL), "allowed"],
    ["another session of the role", role({ ...ALL, sessionName: "z" }), EXPLICIT],
    ["a service that is not listed", { service: "s3.amazonaws.com" }, EXPLICIT],
    ["an anonymous caller", "anonymous", EXPLICIT],
  ])("applies a Deny with NotPrincipal to the right callers: %s", (_, caller, expected) => {
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

  test("applies a Deny for Principal * to services and anonymous callers, too", () => {
    for (const caller of [{ service: "sns.amazonaws.com" }, "anonymous", user("111111111111", ALL)] as const) {
      const statements = [allow({ Principal: "*" }), allow({ Effect: "Deny", Principal: "*" })];
      const request = { caller, action: "sns:Publish", resource: { arn: TOPIC, policies: [policy(...statements)] } };
      expect(outcome(request)).toBe(EXPLICIT);
    }
  });
});
