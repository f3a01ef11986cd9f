import type { Config } from "@event-pipeline/terraform-json/synthesized-stack";
import { judgeKey, type RoleUse, resourceChecks, roleHop } from "./access";
import { type Check, differences, type Examination, type PlannedHop, resourcesOf, wrong } from "./hop";
import { nameIn, type Resource } from "./stack";

/** Returns the hops to the archive: the role of the subscription, the stream, its role and the bucket. */
export function archiveHops(x: Examination, subscription: Resource): PlannedHop[] {
  const { deployed, deploy } = x;
  const streamArn = String(subscription.config.endpoint);
  const name = nameIn(streamArn);
  const stream = resourcesOf(x, "aws_kinesis_firehose_delivery_stream").find(({ config }) => config.name === name);
  if (!stream) return [];
  const destination = stream.config.extended_s3_configuration as Config;
  const bucketArn = String(destination.bucket_arn);
  const bucket = resourcesOf(x, "aws_s3_bucket").find(({ config }) => config.bucket === nameIn(bucketArn));
  const actual = async () => (await deployed.stream(name))?.Destinations?.[0]?.ExtendedS3DestinationDescription;
  const subscriptionRole: RoleUse = {
    expected: String(subscription.config.subscription_role_arn),
    actual: async () => {
      const found = (await deployed.subscriptions()).find(({ endpoint }) => endpoint === streamArn);
      return found && (await deployed.subscription(found.arn)).SubscriptionRoleArn;
    },
  };
  const streamRole: RoleUse = {
    expected: String(destination.role_arn),
    actual: async () => (await actual())?.RoleARN,
  };
  const state: Check = async () => {
    const found = await deployed.stream(name);
    const status = found?.DeliveryStreamStatus;
    if (status !== "ACTIVE") return [wrong(`The stream is in the state ${status}.`, deploy)];
    return judgeKey(x, found?.DeliveryStreamEncryptionConfiguration?.KeyARN);
  };
  const settings: Check = async () => {
    const found = await actual();
    return differences(
      {
        BucketARN: [bucketArn, found?.BucketARN],
        Prefix: [destination.prefix, found?.Prefix],
        CompressionFormat: [destination.compression_format, found?.CompressionFormat],
        "The transformation of records": [false, found?.ProcessingConfiguration?.Enabled ?? false],
      },
      deploy,
    );
  };
  const exists: Check = async () => {
    await deployed.bucket(nameIn(bucketArn));
    return [];
  };
  return [
    roleHop(x, subscriptionRole, { service: "sns.amazonaws.com", source: String(subscription.config.topic_arn) }),
    { hop: "stream", address: stream.address, name, checks: [state, settings] },
    roleHop(x, streamRole, { service: "firehose.amazonaws.com", source: streamArn }),
    {
      hop: "bucket",
      address: bucket?.address ?? "aws_s3_bucket",
      name: nameIn(bucketArn),
      checks: [
        exists,
        ...resourceChecks(x, streamRole, { arn: bucketArn, keyOf: () => deployed.bucketKey(nameIn(bucketArn)) }),
      ],
    },
  ];
}
