import type { DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import type { Firehose } from "../firehose";

export const DescribeDeliveryStream: Action<DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput, Firehose> = {
  handles: ["DeliveryStreamName", "Limit", "ExclusiveStartDestinationId"],
  run({ DeliveryStreamName, ExclusiveStartDestinationId }, firehose) {
    const { name, arn, createdAt, destination, encryption } = firehose.stream(DeliveryStreamName).stored;
    const { ProcessingConfiguration, S3BackupMode, FileExtension, CustomTimeZone, ...shared } = destination;
    const DestinationId = "destinationId-000000000001";
    const isAfterStart = DestinationId > (ExclusiveStartDestinationId ?? "");
    return {
      DeliveryStreamDescription: {
        DeliveryStreamName: name,
        DeliveryStreamARN: arn,
        DeliveryStreamStatus: "ACTIVE",
        DeliveryStreamEncryptionConfiguration: { ...encryption, Status: encryption ? "ENABLED" : "DISABLED" },
        DeliveryStreamType: "DirectPut",
        VersionId: "1",
        CreateTimestamp: new Date(createdAt),
        Destinations: isAfterStart
          ? [{ DestinationId, S3DestinationDescription: shared, ExtendedS3DestinationDescription: destination }]
          : [],
        HasMoreDestinations: false,
      },
    };
  },
};
