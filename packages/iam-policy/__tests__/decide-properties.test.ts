import fc from "fast-check";
import { decide } from "../decide";
import type { Statement } from "../policy";
import type { AccessRequest, Caller } from "../request";
import {
  allow,
  EXPLICIT,
  OTHER,
  OWN,
  OWN_ROOT,
  OWN_USER,
  outcome,
  policy,
  ROLE,
  role,
  SESSION,
  TOPIC,
  user,
} from "./requests";

describe("with any policies", () => {
  const statement: fc.Arbitrary<Statement> = fc.record({
    Effect: fc.constantFrom("Allow", "Deny"),
    Principal: fc.constantFrom<Statement["Principal"] & {}>("*", OWN, OTHER, OWN_USER, { AWS: ROLE }, SESSION, {
      Service: "sns.amazonaws.com",
    }),
    Action: fc.constantFrom("*", "sns:*", "sns:Publish", "sqs:*"),
    Resource: fc.constantFrom("*", TOPIC, `${TOPIC}2`),
  });
  const document = fc.array(statement, { maxLength: 3 }).map((statements) => policy(...statements));
  const caller: fc.Arbitrary<Caller> = fc.oneof(
    fc.constantFrom<Caller>("anonymous", { service: "sns.amazonaws.com" }, { federated: "f" }),
    fc
      .tuple(
        fc.constantFrom(user("111111111111"), user("222222222222"), role(), { arn: OWN_ROOT.AWS }),
        fc.array(document, { maxLength: 2 }),
        fc.option(document, { nil: undefined }),
      )
      .map(([who, policies, permissionsBoundary]) => ({
        ...who,
        policies,
        ...(permissionsBoundary && { permissionsBoundary }),
      })),
  );
  const request: fc.Arbitrary<AccessRequest> = fc
    .tuple(caller, fc.array(document, { maxLength: 2 }), fc.constantFrom("sns:Publish", "kms:Decrypt"))
    .map(([who, policies, action]) => ({ caller: who, action, resource: { arn: TOPIC, policies } }));
  const withResourcePolicy = (given: AccessRequest, more: Statement): AccessRequest => ({
    ...given,
    resource: { ...given.resource, policies: [...(given.resource.policies ?? []), policy(more)] },
  });

  test("denies any request with a Deny for everyone", () => {
    fc.assert(
      fc.property(request, (given) => {
        const denied = withResourcePolicy(given, allow({ Effect: "Deny", Principal: "*" }));
        expect(outcome(denied)).toBe(EXPLICIT);
      }),
    );
  });

  test("never denies because of another Allow, or allows because of another Deny", () => {
    fc.assert(
      fc.property(request, statement, (given, more) => {
        const [before, after] = [decide(given).allowed, decide(withResourcePolicy(given, more)).allowed];
        if (more.Effect === "Allow") expect(after || !before).toBe(true);
        else expect(before || !after).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("never allows a request because of a permissions boundary", () => {
    fc.assert(
      fc.property(request, document, (given, boundary) => {
        if (typeof given.caller !== "object" || !("arn" in given.caller)) return;
        const { permissionsBoundary: _, ...unbound } = given.caller;
        const bound = decide({ ...given, caller: { ...unbound, permissionsBoundary: boundary } });
        expect(decide({ ...given, caller: unbound }).allowed || !bound.allowed).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("decides independently of the order of statements and policies", () => {
    fc.assert(
      fc.property(request, (given) => {
        const policies = [...(given.resource.policies ?? [])]
          .reverse()
          .map((each) => ({ ...each, Statement: [...(each.Statement as readonly Statement[])].reverse() }));
        expect(decide({ ...given, resource: { ...given.resource, policies } })).toEqual(decide(given));
      }),
    );
  });
});
