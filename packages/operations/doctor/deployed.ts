import { CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetResourcePolicyCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from "@aws-sdk/client-iam";
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  type EventSourceMappingConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  paginateListEventSourceMappings,
} from "@aws-sdk/client-lambda";
import { GetBucketEncryptionCommand, GetBucketPolicyCommand, HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSubscriptionAttributesCommand, GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Policy } from "@event-pipeline/iam-policy/policy";
import { isMissing } from "../aws-errors";
import type { Pipeline } from "../pipeline";
import { listSubscriptions } from "../subscriptions";
import { nameIn } from "./stack";

/** A policy of a role, with the command that removes it. */
interface RolePolicy {
  readonly document: Policy;
  readonly remove: string;
}

export type Deployed = ReturnType<typeof deployedResources>;

/** Returns functions that read the deployed resources. Each resource is read once. They throw errors from AWS. */
export function deployedResources(pipeline: Pipeline, signal: AbortSignal) {
  const options = { abortSignal: signal };
  const sns = pipeline.client(SNSClient);
  const lambda = pipeline.client(LambdaClient);
  const iam = pipeline.client(IAMClient);
  const dynamodb = pipeline.client(DynamoDBClient);
  const s3 = pipeline.client(S3Client);
  const kms = pipeline.client(KMSClient);

  const topic = once(async (TopicArn) => {
    return (await sns.send(new GetTopicAttributesCommand({ TopicArn }), options)).Attributes ?? {};
  });
  const queue = once(async (arn): Promise<Readonly<Record<string, string>>> => {
    const { sqs, queueUrl: QueueUrl } = await pipeline.queue(nameIn(arn), signal);
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
      options,
    );
    return Attributes;
  });
  const managedPolicy = once(async (PolicyArn) => {
    const VersionId = (await iam.send(new GetPolicyCommand({ PolicyArn }), options)).Policy?.DefaultVersionId;
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }), options);
    return parsePolicy(PolicyVersion?.Document);
  });
  const bucketPolicy = once(async (Bucket) => (await s3.send(new GetBucketPolicyCommand({ Bucket }), options)).Policy);
  const tablePolicy = once(async (ResourceArn) => {
    return (await dynamodb.send(new GetResourcePolicyCommand({ ResourceArn }), options)).Policy;
  });

  return {
    topic,
    queue,
    managedPolicy,
    subscriptions: once(() => listSubscriptions(pipeline, signal)),
    subscription: once(async (SubscriptionArn) => {
      return (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }), options)).Attributes ?? {};
    }),
    function: once((FunctionName) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), options)),
    reservedConcurrency: once(async (FunctionName) => {
      return (await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }), options))
        .ReservedConcurrentExecutions;
    }),
    /** Returns the event source mappings of a queue. */
    mappings: once(async (EventSourceArn) => {
      const found: EventSourceMappingConfiguration[] = [];
      for await (const page of paginateListEventSourceMappings({ client: lambda }, { EventSourceArn }, options)) {
        found.push(...(page.EventSourceMappings ?? []));
      }
      return found;
    }),
    role: once(async (RoleName) => {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName }), options);
      const boundary = Role?.PermissionsBoundary?.PermissionsBoundaryArn;
      return { trust: parsePolicy(Role?.AssumeRolePolicyDocument), boundary };
    }),
    /** Returns a role's inline and managed policies. */
    rolePolicies: once(async (RoleName) => {
      const found: RolePolicy[] = [];
      for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName }, options)) {
        for (const PolicyName of PolicyNames) {
          const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }), options);
          const remove = `${pipeline.awsCli} iam delete-role-policy --role-name ${RoleName} --policy-name ${PolicyName}`;
          found.push({ document: parsePolicy(PolicyDocument), remove });
        }
      }
      for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName }, options)) {
        for (const { PolicyArn = "" } of page.AttachedPolicies ?? []) {
          const remove = `${pipeline.awsCli} iam detach-role-policy --role-name ${RoleName} --policy-arn ${PolicyArn}`;
          found.push({ document: await managedPolicy(PolicyArn), remove });
        }
      }
      return found;
    }),
    table: once(
      async (TableName) => (await dynamodb.send(new DescribeTableCommand({ TableName }), options)).Table ?? {},
    ),
    timeToLive: once(async (TableName) => {
      return (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }), options)).TimeToLiveDescription ?? {};
    }),
    stream: once(async (DeliveryStreamName) => {
      const command = new DescribeDeliveryStreamCommand({ DeliveryStreamName });
      return (await pipeline.client(FirehoseClient).send(command, options)).DeliveryStreamDescription;
    }),
    bucket: once((Bucket) => s3.send(new HeadBucketCommand({ Bucket }), options)),
    /** Returns the key that encrypts the bucket's new objects by default; undefined if it is S3's own key. */
    bucketKey: once((Bucket) =>
      unless("ServerSideEncryptionConfigurationNotFoundError", async () => {
        const { ServerSideEncryptionConfiguration } = await s3.send(
          new GetBucketEncryptionCommand({ Bucket }),
          options,
        );
        return ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;
      }),
    ),
    key: once(async (KeyId) => (await kms.send(new DescribeKeyCommand({ KeyId }), options)).KeyMetadata),
    keyPolicy: once(async (KeyId) => {
      return parsePolicy((await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }), options)).Policy);
    }),
    alarms: once(async (AlarmNamePrefix) => {
      const found: MetricAlarm[] = [];
      const client = pipeline.client(CloudWatchClient);
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNamePrefix }, options)) {
        found.push(...MetricAlarms);
      }
      return found;
    }),
    /** Returns the names of the log groups with a prefix. */
    logGroups: once(async (logGroupNamePrefix) => {
      const command = new DescribeLogGroupsCommand({ logGroupNamePrefix });
      const { logGroups = [] } = await pipeline.client(CloudWatchLogsClient).send(command, options);
      return logGroups.map(({ logGroupName }) => logGroupName);
    }),
    /** Returns the resource's own policies: none if it has none, cannot have one, or does not exist. */
    async policiesOf(arn: string): Promise<Policy[]> {
      const [, , service = "", , , resource = ""] = arn.split(":");
      const read: Readonly<Record<string, () => Promise<string | undefined>>> = {
        sns: async () => (await topic(arn)).Policy,
        sqs: async () => (await queue(arn)).Policy,
        s3: () => unless("NoSuchBucketPolicy", () => bucketPolicy(resource)),
        dynamodb: () => unless("PolicyNotFoundException", () => tablePolicy(arn)),
      };
      try {
        const json = await read[service]?.();
        return json ? [parsePolicy(json)] : [];
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
  };
}

/** Returns a function that reads each resource once, although several hops depend on it. */
function once<T>(read: (id: string) => Promise<T>): (id?: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id = "") => {
    const found = known.get(id) ?? read(id);
    known.set(id, found);
    return found;
  };
}

/** Returns undefined if AWS says that the setting does not exist. */
async function unless<T>(error: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if ((thrown as Error).name === error) return undefined;
    throw thrown;
  }
}

/** Parses a policy. IAM encodes policies as in URLs. */
function parsePolicy(json = "{}"): Policy {
  return JSON.parse(json.startsWith("%") ? decodeURIComponent(json) : json) as Policy;
}
