import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { pMapIterable } from "p-map";
import { UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import { ifAccessible, resourceChecks } from "./access";
import { alarmHops } from "./alarm-hops";
import { archiveHops } from "./archive-hops";
import { consumerHops, consumerRole, existing, otherReaders } from "./consumer-hops";
import { deployFix } from "./deploy-fix";
import { type Deployed, deployedResources } from "./deployed";
import {
  type Check,
  differences,
  type Examination,
  examine,
  type Finding,
  type Hop,
  type PlannedHop,
  resourcesOf,
  unknown,
  wrong,
} from "./hop";
import { type LocalRun, localRunOf } from "./local-run";
import { arnOf, nameIn, type Place, type Resource, readStack, type Stack, unsynthesized } from "./stack";
import { queuePolicyHop, subscriptionHop, topicHop } from "./topic-hops";

/** Hops that are examined at the same time. AWS throttles Describe requests early. */
const CONCURRENT_HOPS = 4;

export interface Diagnosis {
  readonly place: Place;
  /** The ARN of the credentials' user or role. */
  readonly arn: string;
  /** The folder with cdk.tf.json; undefined if nothing was synthesized. */
  readonly folder: string | undefined;
  readonly findings: readonly Finding[];
  /** The hops in the order in which an event passes them. Iterating throws CredentialsError once AWS refuses the credentials. */
  readonly hops: AsyncIterable<Hop>;
}

/**
 * Follows an event through the deployed pipeline, and decides at each hop whether the event passes. Only reads.
 * Without a synthesized stack, it expects what follows from the names.
 *
 * @param folder - The folder with cdk.tf.json. @default - the local run's folder; otherwise, the folder of the stage
 * that was synthesized last
 * @throws CredentialsError when there are no credentials, or AWS rejects them.
 */
export async function diagnose(pipeline: Pipeline, signal: AbortSignal, folder?: string): Promise<Diagnosis> {
  const sts = pipeline.client(STSClient);
  const { Account: account = "", Arn: arn = "" } = await sts.send(new GetCallerIdentityCommand({}), {
    abortSignal: signal,
  });
  const place = { account, region: await sts.config.region(), partition: arn.split(":")[1] || "aws" };
  const deployed = deployedResources(pipeline, signal);
  const run = await localRunOf(pipeline, arnOf(place, "sns", pipeline.names.topic), signal);
  const own =
    run && folder === undefined ? stackOfRun(pipeline, place, run) : { stack: ownStack(pipeline, place, folder) };
  const stack = own.stack ?? (await namesOnly(pipeline, place, deployed, signal));
  const deploy = deployFix(pipeline, stack, run);
  const examination = { pipeline, place, stack, deployed, deploy };
  const hops = pMapIterable(planned(examination), (hop) => examine(hop, examination), { concurrency: CONCURRENT_HOPS });
  return {
    place,
    arn,
    folder: stack.folder,
    findings: [...(own.findings ?? []), ...regionFindings(stack, place)],
    hops,
  };
}

/** Reads the synthesized stack; undefined if there is none, or the last one is of another pipeline. */
function ownStack({ name, names }: Pipeline, place: Place, folder: string | undefined): Stack | undefined {
  const stack = readStack(name, place, folder);
  if (stack?.resources.some(({ type, config }) => type === "aws_sns_topic" && config.name === names.topic))
    return stack;
  if (folder === undefined) return undefined;
  throw new UsageError(`The stack in ${folder} has no topic ${names.topic}. Give the folder of the pipeline ${name}.`);
}

interface StackOfRun {
  readonly stack?: Stack | undefined;
  readonly findings?: readonly Finding[];
}

/** Reads the stack with which a local run started. Meanwhile, its folder may be gone, or have another stack. */
function stackOfRun(pipeline: Pipeline, place: Place, { stackFolder }: LocalRun): StackOfRun {
  try {
    return { stack: ownStack(pipeline, place, stackFolder) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const message = `${stackFolder} does not have the stack of the local run anymore.`;
    const fix = "Give the folder of its stack with --stack-folder, or start the local run again.";
    return { findings: [unknown(message, fix)] };
  }
}

async function namesOnly(pipeline: Pipeline, place: Place, deployed: Deployed, signal: AbortSignal): Promise<Stack> {
  const queue = new RegExp(`:${pipeline.name}-(.+)-queue$`);
  const endpoints = ((await ifAccessible(() => deployed.subscriptions())) ?? []).map(({ endpoint }) => endpoint);
  const subscribers = endpoints.flatMap((endpoint) => queue.exec(endpoint)?.[1] ?? []).filter((id) => id !== "events");
  return unsynthesized(pipeline, place, await pipeline.rawBucket(signal), subscribers);
}

function planned(x: Examination): PlannedHop[] {
  const { names, processor } = x.pipeline;
  const topicArn = arnOf(x.place, "sns", names.topic);
  const undelivered = arnOf(x.place, "sqs", names.undeliveredQueue);
  const subscriptions = resourcesOf(x, "aws_sns_topic_subscription").filter(
    ({ config }) => config.topic_arn === topicArn,
  );
  const topic = resourcesOf(x, "aws_sns_topic").filter(({ config }) => config.name === names.topic);
  const nameOf = ({ config }: Resource) => nameIn(String(config.endpoint));
  const ownQueues = new Set(
    resourcesOf(x, "aws_sqs_queue").map(({ config }) => arnOf(x.place, "sqs", String(config.name))),
  );
  const hopsFrom = (subscription: Resource): PlannedHop[] => {
    const { protocol, endpoint } = subscription.config;
    const queueArn = String(endpoint);
    if (protocol === "firehose" && nameOf(subscription) === names.rawStream) return archiveHops(x, subscription);
    // The queues of other accounts cannot be seen.
    if (protocol !== "sqs" || !ownQueues.has(queueArn)) return [];
    const table = nameOf(subscription) === processor.queueName ? tableHops(x) : [];
    return [queuePolicyHop(x, queueArn, topicArn), ...consumerHops(x, queueArn), ...table];
  };
  // The event processor comes first.
  const order = (subscription: Resource) => (nameOf(subscription) === processor.queueName ? 0 : 1);
  return [
    ...topic.map((resource) => topicHop(x, resource, topicArn)),
    ...subscriptions
      .sort((one, other) => order(one) - order(other))
      .flatMap((subscription) => [subscriptionHop(x, subscription), ...hopsFrom(subscription)]),
    queuePolicyHop(x, undelivered, topicArn),
    {
      hop: "undelivered queue",
      address: "aws_sqs_queue",
      name: names.undeliveredQueue,
      checks: [existing(x, undelivered), otherReaders(x, undelivered)],
    },
    ...alarmHops(x),
  ];
}

function regionFindings({ region }: Stack, place: Place): Finding[] {
  if (region === undefined || region === place.region) return [];
  const message = `The stack is for the region ${region}, but the command uses the region ${place.region}.`;
  return [wrong(message, `Give --region ${region}.`)];
}

function tableHops(x: Examination): PlannedHop[] {
  const { deployed, deploy, pipeline, place } = x;
  const name = pipeline.names.table;
  const table = resourcesOf(x, "aws_dynamodb_table").find(({ config }) => config.name === name);
  const { functionName } = pipeline.processor;
  const handler = resourcesOf(x, "aws_lambda_function").find(({ config }) => config.function_name === functionName);
  if (!table || !handler) return [];
  const { hash_key, range_key, ttl } = table.config as { hash_key?: string; range_key?: string; ttl?: TimeToLive };
  const state: Check = async () => {
    const { TableStatus, KeySchema = [] } = await deployed.table(name);
    const keyOf = (type: string) => KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName;
    return [
      // A table that is being updated accepts writes.
      ...(TableStatus === "UPDATING" ? [] : differences({ TableStatus: ["ACTIVE", TableStatus] }, deploy)),
      ...differences(
        { "The partition key": [hash_key, keyOf("HASH")], "The sort key": [range_key, keyOf("RANGE")] },
        deploy,
      ),
    ];
  };
  const timeToLive: Check = async () => {
    const { TimeToLiveStatus = "DISABLED", AttributeName } = await deployed.timeToLive(name);
    const actual = TimeToLiveStatus.startsWith("ENABL") ? AttributeName : undefined;
    const specification = `Enabled=true,AttributeName=${ttl?.attribute_name}`;
    const fix = `${pipeline.awsCli} dynamodb update-time-to-live --table-name ${name} --time-to-live-specification ${specification}`;
    return differences(
      { "The attribute for the time to live": [ttl?.enabled ? ttl.attribute_name : undefined, actual] },
      fix,
    );
  };
  const access = resourceChecks(x, consumerRole(x, handler), {
    arn: arnOf(place, "dynamodb", `table/${name}`),
    keyOf: async () => (await deployed.table(name)).SSEDescription?.KMSMasterKeyArn,
  });
  return [{ hop: "table", address: table.address, name, checks: [state, timeToLive, ...access] }];
}

interface TimeToLive {
  readonly attribute_name: string;
  readonly enabled: boolean;
}
