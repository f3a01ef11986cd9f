import type { CreateDeliveryStreamInput, CreateDeliveryStreamOutput } from "@aws-sdk/client-firehose";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import { NotSupported } from "../../protocols/invalid-input";
import { invalidArgument } from "../errors";
import type { Firehose } from "../firehose";

const S3 = "ExtendedS3DestinationConfiguration";
const ENCRYPTION = "DeliveryStreamEncryptionConfigurationInput";

export const CreateDeliveryStream: Action<CreateDeliveryStreamInput, CreateDeliveryStreamOutput, Firehose> = {
  handles: [
    "DeliveryStreamName",
    "DeliveryStreamType",
    `${ENCRYPTION}.KeyType`,
    `${ENCRYPTION}.KeyARN`,
    "Tags.Key",
    "Tags.Value",
    `${S3}.RoleARN`,
    `${S3}.BucketARN`,
    `${S3}.Prefix`,
    `${S3}.ErrorOutputPrefix`,
    `${S3}.BufferingHints.SizeInMBs`,
    `${S3}.BufferingHints.IntervalInSeconds`,
    `${S3}.CompressionFormat`,
    `${S3}.EncryptionConfiguration.NoEncryptionConfig`,
    `${S3}.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN`,
    `${S3}.CloudWatchLoggingOptions.Enabled`,
    `${S3}.CloudWatchLoggingOptions.LogGroupName`,
    `${S3}.CloudWatchLoggingOptions.LogStreamName`,
    `${S3}.ProcessingConfiguration.Enabled`,
    `${S3}.ProcessingConfiguration.Processors.Type`,
    `${S3}.ProcessingConfiguration.Processors.Parameters.ParameterName`,
    `${S3}.ProcessingConfiguration.Processors.Parameters.ParameterValue`,
    `${S3}.DataFormatConversionConfiguration.Enabled`,
    `${S3}.DynamicPartitioningConfiguration.Enabled`,
    `${S3}.S3BackupMode`,
    `${S3}.FileExtension`,
    `${S3}.CustomTimeZone`,
  ],
  differs: "delivers to S3 only, without real encryption; writes no delivery errors to CloudWatch Logs",
  run(input, firehose) {
    const { DeliveryStreamName: name = "", DeliveryStreamType: type = "DirectPut" } = input;
    const { [S3]: destination, [ENCRYPTION]: encryption, Tags: tags = [] } = input;
    if (type !== "DirectPut") throw new NotSupported(`DeliveryStreamType ${type}`);
    if (!destination) throw invalidArgument(`The request must contain one destination: ${S3}.`);
    if (firehose.names.includes(name)) {
      throw new AwsError("ResourceInUseException", `Delivery stream already exists: ${name}.`);
    }
    const { stored } = firehose.createStream({ name, destination, encryption, tags });
    return { DeliveryStreamARN: stored.arn };
  },
};
