import { listOf, type Policy, type Statement } from "@event-pipeline/iam-policy/policy";
import { projectCommand } from "@event-pipeline/terraform-json/project-command";
import { judge, judgeKey, onBehalfOf } from "./access";
import {
  type Check,
  differences,
  type Examination,
  missing,
  type PlannedHop,
  resourcesOf,
  unknown,
  wrong,
} from "./hop";
import { nameIn, type Resource } from "./stack";

export const SYNTH = `${projectCommand("synth")}\nThen run doctor again. The synthesized stack says whether this is intended.`;

/** Returns the hop through the topic: everybody who may publish by the stack can, and no subscription is foreign. */
export function topicHop(x: Examination, { address, config }: Resource, topicArn: string): PlannedHop {
  const { pipeline, deployed, deploy, place } = x;
  const publishers: Check = async () => {
    const resource = { arn: topicArn, policies: await deployed.policiesOf(topicArn) };
    const ask = { action: "sns:Publish", resource };
    const account = { arn: `arn:${place.partition}:iam::${place.account}:root` };
    const context = { "aws:SourceAccount": place.account };
    return [
      // The account stands for each of its roles, so the caller's ARN is not known.
      ...judge({ ...ask, caller: account }, "the account", deploy, ["aws:PrincipalArn"]),
      ...servicesIn(x, topicArn).flatMap((service) => judge({ ...ask, caller: { service }, context }, service, deploy)),
    ];
  };
  const key: Check = async () => judgeKey(x, (await deployed.topic(topicArn)).KmsMasterKeyId);
  const foreign: Check = async () => {
    const endpoints = new Set(resourcesOf(x, "aws_sns_topic_subscription").map(({ config: { endpoint } }) => endpoint));
    const queues = new Set(resourcesOf(x, "aws_sqs_queue").map(({ config: { name } }) => name));
    const found = (await deployed.subscriptions()).filter(
      ({ endpoint }) =>
        !endpoints.has(endpoint) && endpoint.includes(`:${place.account}:`) && queues.has(nameIn(endpoint)),
    );
    return found.map(({ arn, endpoint }) =>
      wrong(
        `The stack does not have the subscription ${arn}, which delivers events to ${nameIn(endpoint)}.`,
        `${pipeline.awsCli} sns unsubscribe --subscription-arn ${arn}`,
      ),
    );
  };
  return { hop: "topic", address, name: String(config.name), checks: [publishers, key, foreign] };
}

/** Returns the services that the topic's policy in the stack lets publish. */
function servicesIn(x: Examination, topicArn: string): readonly string[] {
  const policy = resourcesOf(x, "aws_sns_topic_policy").find(({ config }) => config.arn === topicArn);
  const statements = policy ? listOf<Statement>((JSON.parse(String(policy.config.policy)) as Policy).Statement) : [];
  return statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Principal }) => (Principal === undefined || Principal === "*" ? [] : listOf(Principal.Service)));
}

/** Returns the hop through a subscription of the topic: confirmed, and with the stack's settings. */
export function subscriptionHop(x: Examination, { address, config }: Resource): PlannedHop {
  const { deployed, deploy, stack } = x;
  const endpoint = String(config.endpoint);
  const name = endpoint.startsWith("arn:") ? nameIn(endpoint) : endpoint;
  const recover = `${deploy}\n${lostEventsText(x, name)}`;
  const settings: Check = async () => {
    const found = (await deployed.subscriptions()).find((each) => each.endpoint === endpoint);
    if (!found) {
      const message = `The topic has no confirmed subscription for ${endpoint}, so SNS delivers no event there.`;
      return [missing(message, recover)];
    }
    const actual = await deployed.subscription(found.arn);
    const filter = filterIn(actual.FilterPolicy);
    if (filter && stack.folder === undefined) {
      return [unknown(`SNS delivers only events that match ${actual.FilterPolicy}.`, SYNTH)];
    }
    const expected = filterIn(config.filter_policy);
    const target = (json: unknown) => json && JSON.parse(String(json)).deadLetterTargetArn;
    const { RawMessageDelivery = "false", FilterPolicyScope = "MessageAttributes" } = actual;
    return [
      ...differences(
        {
          FilterPolicy: [expected ?? "", filter],
          FilterPolicyScope: [filter ? config.filter_policy_scope : undefined, FilterPolicyScope],
        },
        recover,
      ),
      ...differences(
        {
          RawMessageDelivery: [config.raw_message_delivery, RawMessageDelivery],
          "The subscription's dead-letter queue": [target(config.redrive_policy), target(actual.RedrivePolicy)],
        },
        deploy,
      ),
    ];
  };
  return { hop: "subscription", address, name, checks: [settings] };
}

/** Returns what to do about the events that a queue or another subscriber did not get. Only the processor has a replay. */
export function lostEventsText({ pipeline }: Examination, name: string): string {
  const { names, processor } = pipeline;
  if (name === processor.queueName) {
    const replay = pipeline.cliCommand("archive", "replay", "--only-missing");
    const isKept = pipeline.connection.isLocalRun ? "if the run has --data-dir" : "because the archive has the events";
    return `Then, ${isKept}: ${replay}`;
  }
  if (name === names.rawStream) {
    return "The archive lacks the events from before the fix, and no command adds them. The table has those that the handler stored.";
  }
  return `The archive has the lost events, but archive replay does not send to ${name}. To read them: ${pipeline.cliCommand("archive", "get")}`;
}

/** Parses a filter policy; undefined if SNS delivers every event, as with an empty policy. */
function filterIn(json: unknown): unknown {
  const filter: object = json ? JSON.parse(String(json)) : {};
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/** Returns the hop through a queue's policy and key: SNS may send the topic's messages to the queue. */
export function queuePolicyHop(x: Examination, queueArn: string, topicArn: string): PlannedHop {
  const { pipeline, deployed, deploy } = x;
  const own = resourcesOf(x, "aws_sqs_queue_policy").find(({ config }) => config.queue_url === queueArn);
  const fix = `${deploy}\nThen: ${pipeline.cliCommand("dlq", "redrive", "--queue", "undelivered")}`;
  const sns = { caller: { service: "sns.amazonaws.com" }, context: onBehalfOf(topicArn, x) };
  const policy: Check = async () => {
    const { Policy: json } = await deployed.queue(queueArn);
    const resource = { arn: queueArn, policies: json ? [JSON.parse(json) as Policy] : [] };
    return judge({ ...sns, action: "sqs:SendMessage", resource }, "SNS", fix);
  };
  const key: Check = async () => {
    const { KmsMasterKeyId } = await deployed.queue(queueArn);
    return judgeKey(x, KmsMasterKeyId, { ...sns, who: "SNS", actions: ["kms:GenerateDataKey", "kms:Decrypt"] });
  };
  const address = own?.address ?? "aws_sqs_queue_policy";
  return { hop: "queue policy", address, name: nameIn(queueArn), checks: [policy, key] };
}
