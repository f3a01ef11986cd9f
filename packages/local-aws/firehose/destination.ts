import type {
  ExtendedS3DestinationConfiguration,
  ExtendedS3DestinationDescription,
  ProcessingConfiguration,
} from "@aws-sdk/client-firehose";
import { NotSupported } from "../protocols/invalid-input";
import { invalidArgument } from "./errors";
import { PrefixFormatter, validatePrefixes } from "./prefix";

/** A valid destination, with AWS's defaults. */
export type Destination = ExtendedS3DestinationDescription & {
  readonly BucketARN: string;
  readonly BufferingHints: { readonly SizeInMBs: number; readonly IntervalInSeconds: number };
};

const BUCKET_ARN = /^arn:[\w-]+:s3:::([\w.-]{1,255})$/;

/**
 * Validates a destination.
 *
 * @throws AwsError for what AWS would reject, and NotSupported for what has no effect here.
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
 */
export function destinationOf(configuration: ExtendedS3DestinationConfiguration): Destination {
  const {
    RoleARN,
    BucketARN = "",
    Prefix = "",
    ErrorOutputPrefix,
    FileExtension,
    CustomTimeZone = "UTC",
  } = configuration;
  const { CompressionFormat = "UNCOMPRESSED", S3BackupMode = "Disabled" } = configuration;
  const { ProcessingConfiguration = { Enabled: false, Processors: [] } } = configuration;
  if (!/^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(RoleARN ?? "")) {
    throw invalidArgument(`Invalid RoleARN ${RoleARN}: expected the ARN of a role.`);
  }
  if (!BUCKET_ARN.test(BucketARN)) {
    throw invalidArgument(`Invalid BucketARN ${BucketARN}: expected the ARN of a bucket.`);
  }
  if (CompressionFormat !== "UNCOMPRESSED" && CompressionFormat !== "GZIP") {
    throw new NotSupported(`CompressionFormat ${CompressionFormat}`);
  }
  if (S3BackupMode !== "Disabled") throw new NotSupported(`S3BackupMode ${S3BackupMode}`);
  // Terraform sends them even if they are not enabled.
  for (const name of ["DataFormatConversionConfiguration", "DynamicPartitioningConfiguration"] as const) {
    if (configuration[name]?.Enabled) throw new NotSupported(`${name}.Enabled true`);
  }
  if (FileExtension !== undefined && !/^$|^\.[0-9a-z!\-_.*'()]{1,127}$/.test(FileExtension)) {
    throw invalidArgument(`Invalid FileExtension ${FileExtension}: expected a dot, and lower-case letters or digits.`);
  }
  validatePrefixes(Prefix, ErrorOutputPrefix, new PrefixFormatter(CustomTimeZone));
  validateProcessing(ProcessingConfiguration);
  return {
    RoleARN,
    BucketARN,
    Prefix,
    ErrorOutputPrefix,
    BufferingHints: bufferingHints(configuration),
    CompressionFormat,
    EncryptionConfiguration: configuration.EncryptionConfiguration ?? { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: configuration.CloudWatchLoggingOptions ?? { Enabled: false },
    ProcessingConfiguration,
    S3BackupMode,
    FileExtension,
    CustomTimeZone,
  };
}

function bufferingHints({ BufferingHints: hints = {} }: ExtendedS3DestinationConfiguration) {
  const { SizeInMBs = 5, IntervalInSeconds = 300 } = hints;
  if ((hints.SizeInMBs === undefined) !== (hints.IntervalInSeconds === undefined)) {
    throw invalidArgument("BufferingHints must have both SizeInMBs and IntervalInSeconds.");
  }
  const isWhole = Number.isInteger(SizeInMBs) && Number.isInteger(IntervalInSeconds);
  if (!isWhole || SizeInMBs < 1 || SizeInMBs > 128 || IntervalInSeconds < 0 || IntervalInSeconds > 900) {
    throw invalidArgument(
      `Invalid BufferingHints ${SizeInMBs} MB and ${IntervalInSeconds} s: expected 1 to 128 MB and 0 to 900 s.`,
    );
  }
  return { SizeInMBs, IntervalInSeconds };
}

/** The only processor here appends a line break to each record. */
function validateProcessing({ Enabled, Processors = [] }: ProcessingConfiguration): void {
  for (const { Type, Parameters = [] } of Enabled ? Processors : []) {
    if (Type !== "AppendDelimiterToRecord") throw new NotSupported(`the processor ${Type}`);
    const other = Parameters.find(
      ({ ParameterName, ParameterValue = "" }) => ParameterName !== "Delimiter" || !/^(?:\\n|\n)$/.test(ParameterValue),
    );
    if (other) throw new NotSupported(`the processor parameter ${other.ParameterName} ${other.ParameterValue}`);
  }
}

/** Returns what is written after each record. */
export function delimiterOf({ ProcessingConfiguration: processing = {} }: Destination): string {
  return processing.Enabled && processing.Processors?.length ? "\n" : "";
}

export function bucketOf({ BucketARN }: Destination): string {
  return BUCKET_ARN.exec(BucketARN)?.[1] ?? "";
}

export function fileExtensionOf({ FileExtension, CompressionFormat }: Destination): string {
  return FileExtension || (CompressionFormat === "GZIP" ? ".gz" : "");
}
