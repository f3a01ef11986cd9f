import { DescribeDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { GetBucketVersioningCommand, HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { nameIn, type ResourceCheck, type Setting } from "../resource-check";
import { emptyIfUnsupported } from "./table";

interface S3Config {
  readonly bucket_arn: string;
  readonly prefix: string;
  readonly buffering_interval: number;
  readonly compression_format: string;
}

export const stream: ResourceCheck = {
  name: ({ name }) => String(name),
  settings: async ({ name, extended_s3_configuration: s3 }, pipeline) => {
    const command = new DescribeDeliveryStreamCommand({ DeliveryStreamName: String(name) });
    const { DeliveryStreamDescription: found } = await pipeline.client(FirehoseClient).send(command);
    const settings: Setting[] = [
      {
        name: "DeliveryStreamStatus",
        expected: "ACTIVE",
        actual: found?.DeliveryStreamStatus,
        fix: "Wait until the stream is active.",
      },
    ];
    if (s3 === undefined) return settings;
    const config = s3 as S3Config;
    const actual = found?.Destinations?.[0]?.ExtendedS3DestinationDescription;
    settings.push(
      { name: "bucket", expected: config.bucket_arn, actual: nameIn(actual?.BucketARN) },
      { name: "Prefix", expected: config.prefix, actual: actual?.Prefix },
      {
        name: "IntervalInSeconds",
        expected: config.buffering_interval,
        actual: actual?.BufferingHints?.IntervalInSeconds,
      },
      { name: "CompressionFormat", expected: config.compression_format, actual: actual?.CompressionFormat },
    );
    return settings;
  },
};

export const bucket: ResourceCheck = {
  name: ({ bucket: name }) => String(name),
  settings: async ({ bucket: name }, pipeline) => {
    await pipeline.client(S3Client).send(new HeadBucketCommand({ Bucket: String(name) }));
    return [];
  },
};

export const bucketVersioning: ResourceCheck = {
  name: ({ bucket: name }) => String(name),
  settings: async ({ bucket: name, versioning_configuration: config }, pipeline) => {
    const command = new GetBucketVersioningCommand({ Bucket: String(name) });
    const response = await emptyIfUnsupported(pipeline.client(S3Client).send(command));
    const { status } = config as { status: string };
    // A bucket whose versioning was never enabled has no status.
    return [
      {
        name: "Versioning",
        expected: status,
        actual: "$metadata" in response ? (response.Status ?? "none") : undefined,
      },
    ];
  },
};
