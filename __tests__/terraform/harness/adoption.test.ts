import { lostByAdoption } from "./adoption";
import { documentedUpdates } from "./adoption-table";
import { GUIDE_RESOURCES } from "./guide";
import type { Plan, ResourceChange, Values } from "./plan";
import { addressesOf } from "./stack-file";

const QUEUE = { aws_sqs_queue: { events: { visibility_timeout_seconds: 60, redrive_policy: "" } } } as const;
const KEPT = { visibility_timeout_seconds: 60, redrive_policy: '{"maxReceiveCount":3}' } as const;

describe("losses of an adoption", () => {
  test("none, if every attribute keeps its value and others change", () => {
    const plan = planOf(update(KEPT, { ...KEPT, redrive_policy: '{ "maxReceiveCount": 3 }', delay_seconds: 1 }));
    expect(lostByAdoption(plan, QUEUE)).toEqual([]);
  });

  test.each([
    ["destroyed", ["delete"]],
    ["replaced", ["delete", "create"]],
    ["replaced, created before destroyed", ["create", "delete"]],
    ["forgotten", ["forget"]],
  ] as const)("a resource that is %s", (_, actions) => {
    const plan = planOf({ ...update(KEPT, null), actions });
    expect(lostByAdoption(plan, QUEUE)).toContain(`aws_sqs_queue.events is not kept: ${actions.join(", ")}`);
  });

  test("a resource that the stack has at another address", () => {
    expect(lostByAdoption({ isEmpty: false, resource_changes: [] }, QUEUE)).toEqual([
      "aws_sqs_queue.events is in the guide, and the plan has for it: nothing",
    ]);
  });

  test("a value that changes", () => {
    const plan = planOf(update(KEPT, { ...KEPT, visibility_timeout_seconds: 90 }));
    expect(lostByAdoption(plan, QUEUE)).toEqual(["aws_sqs_queue.events.visibility_timeout_seconds: 60 → 90"]);
  });

  test("a value that is unknown before the apply", () => {
    const change = { ...update(KEPT, KEPT), after_unknown: { redrive_policy: true } };
    expect(lostByAdoption(planOf(change), QUEUE)).toHaveLength(1);
  });

  describe("of a policy", () => {
    const [allow, deny] = [
      { Sid: "a", Effect: "Allow" },
      { Sid: "d", Effect: "Deny" },
    ];
    const policies = { aws_sqs_queue_policy: { allow_sns: { policy: "" } } } as const;
    const changed = (before: object[], after: object[]) =>
      planOf(update(policyOf(before), policyOf(after)), "aws_sqs_queue_policy.allow_sns");

    test("none, if it gains a statement", () => {
      expect(lostByAdoption(changed([allow], [deny, allow]), policies)).toEqual([]);
    });

    test("the statement that it loses", () => {
      expect(lostByAdoption(changed([allow, deny], [deny]), policies)).toHaveLength(1);
    });
  });
});

describe("the guide's resources", () => {
  test("are the six of the guide", () => {
    expect(addressesOf({ resource: GUIDE_RESOURCES }).sort()).toEqual([
      "aws_dynamodb_table.events",
      "aws_sns_topic.events",
      "aws_sns_topic_subscription.sqs",
      "aws_sqs_queue.events",
      "aws_sqs_queue.events_dlq",
      "aws_sqs_queue_policy.allow_sns",
    ]);
  });
});

describe("the table of docs/adoption.md", () => {
  const table = (rows: string) =>
    `# T\n\n## What is updated in place\n\n| A | B | C | D |\n|---|---|---|---|\n${rows}\n## Next\n`;

  test("is read row by row, up to the next heading", () => {
    const rows = "| `aws_x.b` | `two` | any | why |\n| `aws_x.a` | `one`     | any | why   |\n";
    expect(documentedUpdates("5.100.0", `${table(rows)}| \`aws_x.c\` | \`three\` | any | why |\n`)).toEqual({
      shown: ["aws_x.a.one", "aws_x.b.two"],
      notShown: [],
    });
  });

  test("tells which rows only a newer provider shows", () => {
    const markdown = table("| `aws_x.a` | `one` | any | why |\n| `aws_x.b` | `two` | 6.8.0 | why |\n");
    expect(documentedUpdates("6.7.9", markdown)).toEqual({ shown: ["aws_x.a.one"], notShown: ["aws_x.b.two"] });
    expect(documentedUpdates("6.8.0", markdown).notShown).toEqual([]);
    expect(documentedUpdates("6.25.0", markdown).notShown).toEqual([]);
  });

  test("must be under its heading", () => {
    expect(() => documentedUpdates("6.25.0", "# Adoption\n")).toThrow(/no heading "## What is updated in place"/);
  });
});

function planOf(change: ResourceChange["change"], address = "aws_sqs_queue.events"): Plan {
  return { isEmpty: false, resource_changes: [{ address, mode: "managed", change }] };
}

function update(before: Values, after: Values | null): ResourceChange["change"] {
  return { actions: ["update"], before, after, after_unknown: {} };
}

function policyOf(statements: object[]): Values {
  return { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) };
}
