import type { DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import type { Firehose } from "../firehose";

export const DescribeDeliveryStream: Action<DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput, Firehose> = {
  handles: ["DeliveryStreamName", "Limit", "ExclusiveStartDestinationId"],
  run({ DeliveryStreamName, ExclusiveStartDestinationId }, firehose) {
    const { name, arn, createdAt, destination, encryption } = firehose.stream(DeliveryStreamName).stored;
    const { RoleARN, BucketARN, Prefix, ErrorOutputPrefix, BufferingHints, CompressionFormat } = destination;
    const { EncryptionConfiguration, CloudWatchLoggingOptions } = destination;
    const S3DestinationDescription = {
      ...{ RoleARN, BucketARN, Prefix, ErrorOutputPrefix, BufferingHints, CompressionFormat },
      ...{ EncryptionConfiguration, CloudWatchLoggingOptions },
    };
    const DestinationId = "destinationId-000000000001";
    return {
      DeliveryStreamDescription: {
        DeliveryStreamName: name,
        DeliveryStreamARN: arn,
        DeliveryStreamStatus: "ACTIVE",
        DeliveryStreamEncryptionConfiguration: encryption
          ? { ...encryption, Status: "ENABLED" }
          : { Status: "DISABLED" },
        DeliveryStreamType: "DirectPut",
        VersionId: "1",
        CreateTimestamp: new Date(createdAt),
        Destinations:
          ExclusiveStartDestinationId === undefined || ExclusiveStartDestinationId < DestinationId
            ? [{ DestinationId, S3DestinationDescription, ExtendedS3DestinationDescription: destination }]
            : [],
        HasMoreDestinations: false,
      },
    };
  },
};
