// Evaluates the synthesized policies for a table of callers and requests. Changing any part of any statement changes
// the result of a row.
import { decide } from "@event-pipeline/iam-policy/decide";
import type { AccessRequest, Caller } from "@event-pipeline/iam-policy/request";
import { at, type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { readContext } from "../../../stacks/options/read-context";
import { readStage } from "../../../stacks/options/read-stage";
import { type AttachedPolicy, arnOf, attachedPolicies, OWN_ACCOUNT, statementsOf } from "./account";
import { CALLERS, ORGANIZATION, PARTNER_ACCOUNT } from "./callers";
import { type Mutation, mutationsOf } from "./mutations";
import { OPTION_ROWS } from "./option-rows";
import type { Row } from "./row";
import { CLOSED_ROWS, ROWS, SUBSCRIBER_ROWS } from "./rows";

const context = readContext("cdktf.json");
const stageOf = (name: string) => synthStack({ stage: readStage(context, { EVENT_PIPELINE_STAGE: name }) });
const everythingOn = synthStack({
  stage: stageWith(
    {
      kmsKey: "create",
      encryptLogs: true,
      publisherAccounts: [PARTNER_ACCOUNT],
      publisherOrganization: ORGANIZATION,
      publisherServices: ["events.amazonaws.com", "s3.amazonaws.com"],
      rolePath: "/teams/events/",
      eventIdIndex: true,
      tracing: true,
      deliveryStatusLogging: true,
      alarmEmail: "a@b.co",
    },
    { alerts: { handler: "alert-log" } },
  ),
});

const STAGES: readonly (readonly [string, Synthesized, readonly Row[]])[] = [
  ["dev", stageOf("dev"), [...ROWS, ...SUBSCRIBER_ROWS, ...CLOSED_ROWS]],
  ["prod", stageOf("prod"), [...ROWS, ...CLOSED_ROWS]],
  ["everything on", everythingOn, [...ROWS, ...SUBSCRIBER_ROWS, ...OPTION_ROWS]],
];

test("has at least 75 different rows", () => {
  const rows = [...ROWS, ...SUBSCRIBER_ROWS, ...CLOSED_ROWS, ...OPTION_ROWS].map((row) =>
    JSON.stringify(row.slice(0, 4)),
  );
  const open = new Set(CLOSED_ROWS.map((row) => JSON.stringify(row.slice(0, 4))));
  expect(rows.length).toBeGreaterThanOrEqual(75);
  expect(new Set(rows).size).toBe(rows.length - rows.filter((row) => open.has(row)).length / 2);
});

describe.each(STAGES)("%s", (_, stack, rows) => {
  const policies = attachedPolicies(stack);
  const outcomes = rows.map((row) => outcome(stack, policies, row));

  test.each(rows)("%s, %s, %s, %j: %s", (...row) => expect(outcome(stack, policies, row)).toBe(row[4]));

  test("evaluates every policy document in the stack", () => {
    // terraform_data contains a copy of the X-Ray policy, to detect changes.
    const { terraform_data: _copies, ...resource } = stack.resource;
    const documents = JSON.stringify(resource).match(/\\"Statement\\":/g) ?? [];
    expect(documents).toHaveLength(policies.length);
  });

  const mutations = policies.flatMap((policy) =>
    statementsOf(policy).flatMap((statement, index) =>
      mutationsOf(statement).map((mutation): [string, string, string, Mutation, AttachedPolicy, number] => [
        policy.source,
        statement.Sid ?? String(index),
        mutation.without,
        mutation,
        policy,
        index,
      ]),
    ),
  );

  test.each(mutations)(
    "%s, %s, without %s: changes the result of a row",
    (_source, _sid, _without, mutation, policy, at) => {
      const mutated = policies.map((each) => (each === policy ? withStatement(each, at, mutation) : each));
      const changed = outcomes.filter((before, index) => outcome(stack, mutated, rows[index] as Row) !== before);
      expect(new Set(changed)).toEqual(
        new Set([mutation.notices === "an allowed row is denied" ? "allowed" : "denied"]),
      );
    },
  );
});

function withStatement(attached: AttachedPolicy, at: number, { statement }: Mutation): AttachedPolicy {
  const Statement = statementsOf(attached).flatMap((each, index) => (index === at ? (statement ?? []) : each));
  return { ...attached, policy: { ...attached.policy, Statement } };
}

function outcome(stack: Synthesized, policies: readonly AttachedPolicy[], row: Row): Row[4] {
  return decide(requestOf(stack, policies, row)).allowed ? "allowed" : "denied";
}

function requestOf(
  stack: Synthesized,
  policies: readonly AttachedPolicy[],
  [who, action, resource, context]: Row,
): AccessRequest {
  const [address = "", suffix = ""] = resource.split(" ");
  const attached = policies.filter(({ to, ofIdentity }) => to === address && !ofIdentity).map(({ policy }) => policy);
  return {
    caller: callerOf(stack, policies, who),
    action,
    resource: {
      arn: address === "*" ? address : arnOf(stack, address) + suffix,
      account: OWN_ACCOUNT,
      policies: attached,
    },
    context,
  };
}

function callerOf(stack: Synthesized, policies: readonly AttachedPolicy[], who: string): Caller {
  const known = CALLERS[who];
  if (known) return known;
  at(stack, who); // Throws if the stack has no block at this address.
  return {
    arn: arnOf(stack, who),
    sessionName: "session",
    policies: policies.filter(({ to, ofIdentity }) => to === who && ofIdentity).map(({ policy }) => policy),
  };
}
