import { decide } from "@event-pipeline/iam-policy/decide";
import { listOf, type Policy, type Statement } from "@event-pipeline/iam-policy/policy";
import type { Caller, Context } from "@event-pipeline/iam-policy/request";
import type { Deployed } from "./harness/deployed";

/** Actions without resources in IAM: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html */
const WITHOUT_RESOURCE = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

const SNS: Caller = { service: "sns.amazonaws.com" };

/** Tests of the applied policies as moto returns them, between apply and destroy. */
export function testPolicies(deployed: () => Deployed): void {
  describe("the queue's policy", () => {
    let policies: Policy[];
    let queue: string;
    let topic: string;
    beforeAll(async () => {
      policies = await deployed().queuePolicies("aws_sqs_queue.events");
      queue = deployed().text("aws_sqs_queue.events", "arn");
      topic = deployed().text("aws_sns_topic.events", "arn");
    });
    const allowed = (caller: Caller, action: string, context: Context) =>
      decide({ caller, action, resource: { arn: queue, policies }, context }).allowed;
    const from = (source: string): Context => ({ "aws:SecureTransport": true, "aws:SourceArn": source });

    test("lets SNS send from the topic", () => expect(allowed(SNS, "sqs:SendMessage", from(topic))).toBe(true));

    test("lets SNS send from no other topic", () =>
      expect(allowed(SNS, "sqs:SendMessage", from(`${topic}-2`))).toBe(false));

    test("lets SNS do nothing else", () => {
      for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "sqs:SetQueueAttributes"]) {
        expect({ action, allowed: allowed(SNS, action, from(topic)) }).toEqual({ action, allowed: false });
      }
    });

    test("lets no other principal send, even with the topic as source", () => {
      const everything: Policy = { Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
      const stranger: Caller = { arn: "arn:aws:iam::210987654321:user/u", policies: [everything] };
      for (const caller of [stranger, { service: "s3.amazonaws.com" }]) {
        expect(allowed(caller, "sqs:SendMessage", from(topic))).toBe(false);
      }
    });
  });

  describe("the processor's role", () => {
    let policies: Policy[];
    let role: string;
    let table: string;
    let queue: string;
    beforeAll(async () => {
      policies = await deployed().rolePolicies("aws_iam_role.event_processor");
      role = deployed().text("aws_iam_role.event_processor", "arn");
      table = deployed().text("aws_dynamodb_table.events", "arn");
      queue = deployed().text("aws_sqs_queue.events", "arn");
    });

    const allowed = (action: string, arn: string) =>
      decide({ caller: { arn: role, policies }, action, resource: { arn } }).allowed;

    test("allows BatchWriteItem on the table and no other DynamoDB action", () => {
      expect(grants(policies).filter(({ action }) => action.startsWith("dynamodb:"))).toEqual([
        { action: "dynamodb:BatchWriteItem", resource: table },
      ]);
      expect(allowed("dynamodb:BatchWriteItem", `${table}-2`)).toBe(false);
    });

    test("allows consuming the queue and not sending to it", () => {
      for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]) {
        expect(allowed(action, queue)).toBe(true);
        expect(allowed(action, `${queue}-2`)).toBe(false);
      }
      expect(allowed("sqs:SendMessage", queue)).toBe(false);
    });

    test("can be assumed only by Lambda", async () => {
      expect(await deployed().trust("aws_iam_role.event_processor")).toEqual([trustOf("lambda.amazonaws.com")]);
    });
  });

  test("no role of the stack is granted a wildcard action, or every resource", async () => {
    const roles = deployed().ofType("aws_iam_role");
    expect(roles).not.toEqual([]);
    for (const { address } of roles) {
      const granted = grants(await deployed().rolePolicies(address));
      expect({ address, granted }).not.toEqual({ address, granted: [] });
      const tooWide = granted.filter(
        ({ action, resource }) => action.includes("*") || (resource === "*" && !WITHOUT_RESOURCE.includes(action)),
      );
      expect({ address, tooWide }).toEqual({ address, tooWide: [] });
    }
  });

  test("every subscription keeps the envelope: raw delivery is off", async () => {
    const subscriptions = deployed().ofType("aws_sns_topic_subscription");
    expect(subscriptions).not.toEqual([]);
    for (const { address } of subscriptions) {
      const { RawMessageDelivery } = await deployed().subscription(address);
      expect({ address, RawMessageDelivery }).toEqual({ address, RawMessageDelivery: "false" });
    }
  });

  test("the archive's subscription puts records to the stream with its own role", async () => {
    const { SubscriptionRoleArn, Endpoint } = await deployed().subscription("aws_sns_topic_subscription.firehose");
    expect(SubscriptionRoleArn).toBe(deployed().text("aws_iam_role.sns_firehose", "arn"));
    expect(Endpoint).toBe(deployed().text("aws_kinesis_firehose_delivery_stream.events_raw", "arn"));
  });
}

/** Returns every pair of action and resource that Allow statements grant. */
function grants(policies: readonly Policy[]): { action: string; resource: string }[] {
  return policies
    .flatMap(({ Statement }) => listOf<Statement>(Statement))
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Resource }) =>
      listOf(Action).flatMap((action) => listOf(Resource).map((resource) => ({ action, resource }))),
    );
}

function trustOf(service: string) {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return { Version: "2012-10-17", Statement: [statement] };
}
