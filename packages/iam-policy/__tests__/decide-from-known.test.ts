import fc from "fast-check";
import { decide } from "../decide";
import { decideFromKnown } from "../decide-from-known";
import type { Statement } from "../policy";
import type { AccessRequest } from "../request";
import { allow, EVERYTHING, policy, ROLE, role, TOPIC } from "./requests";

const asked = (...statements: Statement[]): AccessRequest => ({
  caller: role({ policies: [EVERYTHING] }),
  action: "sns:Publish",
  resource: { arn: TOPIC, policies: [policy(...statements)] },
  context: { "aws:SecureTransport": true, "aws:SourceArn": [] },
});
const deny = (Condition: Statement["Condition"]): Statement => ({
  ...allow({ Principal: "*", ...(Condition && { Condition }) }),
  Effect: "Deny",
});

test.each<[string, Statement["Condition"], boolean | "not known"]>([
  ["a known key", { Bool: { "aws:SecureTransport": "false" } }, true],
  ["a key that the request does not have", { StringNotEquals: { "aws:SourceArn": "arn:aws:s3:::b" } }, false],
  ["an unknown key", { StringNotEquals: { "aws:SourceVpce": "vpce-1" } }, "not known"],
  [
    "an unknown key, and a known key that decides alone",
    { StringNotEquals: { "aws:SourceVpce": "vpce-1" }, Bool: { "aws:PrincipalIsAWSService": "true" } },
    true,
  ],
])("decides a Deny with %s", (_, condition, allowed) => {
  expect(decideFromKnown(asked(deny(condition)))).toMatchObject({ allowed });
});

test("names the unknown keys", () => {
  const { conditionKeys } = decideFromKnown(asked(deny({ IpAddress: { "aws:SourceIp": "192.0.2.0/24" } }))) as never;
  expect(conditionKeys).toEqual(["aws:SourceIp"]);
});

test("a key that follows from the caller can be unknown", () => {
  const request = asked(deny({ ArnNotEquals: { "aws:PrincipalArn": ROLE } }));
  expect(decideFromKnown(request)).toEqual({ allowed: true });
  expect(decideFromKnown(request, ["aws:PrincipalArn"])).toMatchObject({ allowed: "not known" });
});

test("IAM's decision is the known one for any unknown values", () => {
  const keys = ["aws:SecureTransport", "aws:SourceIp", "aws:SourceVpce"];
  const condition = fc.dictionary(
    fc.constantFrom("StringEquals", "StringNotEquals", "StringEqualsIfExists"),
    fc.dictionary(fc.constantFrom(...keys), fc.constantFrom("true", "a"), { minKeys: 1 }),
  );
  const statement = fc
    .record({ isAllow: fc.boolean(), Condition: condition })
    .map(({ isAllow, Condition }) => (isAllow ? allow({ Principal: "*", Condition }) : deny(Condition)));
  const values = fc.dictionary(fc.constantFrom("aws:SourceIp", "aws:SourceVpce"), fc.constantFrom("true", "a", "b"));
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 4 }), values, fc.boolean(), (statements, unknown, hasPolicy) => {
      const request = { ...asked(...statements), caller: role({ policies: hasPolicy ? [EVERYTHING] : [] }) };
      const known = decideFromKnown(request);
      const actual = decide({ ...request, context: { ...request.context, ...unknown } });
      expect([actual.allowed, "not known"]).toContain(known.allowed);
    }),
  );
});
