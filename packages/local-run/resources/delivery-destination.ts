import type { ExtendedS3DestinationConfiguration } from "@aws-sdk/client-firehose";
import type { Config } from "@event-pipeline/terraform-json/synthesized-stack";

/** Returns the API's configuration of a delivery stream for its `extended_s3_configuration`. */
export function deliveryDestination(config: Config): ExtendedS3DestinationConfiguration {
  const text = (argument: string) => config[argument] as string | undefined;
  const [processing] = [config.processing_configuration ?? []].flat() as Config[];
  const processors = [processing?.processors ?? []].flat() as Config[];
  return {
    RoleARN: text("role_arn"),
    BucketARN: text("bucket_arn"),
    Prefix: text("prefix"),
    ErrorOutputPrefix: text("error_output_prefix"),
    FileExtension: text("file_extension"),
    CustomTimeZone: text("custom_time_zone"),
    CompressionFormat: text("compression_format") as ExtendedS3DestinationConfiguration["CompressionFormat"],
    BufferingHints: {
      SizeInMBs: Number(config.buffering_size ?? 5),
      IntervalInSeconds: Number(config.buffering_interval ?? 300),
    },
    ...(processing?.enabled === true && {
      ProcessingConfiguration: {
        Enabled: true,
        Processors: processors.map(({ type, parameters }) => ({
          Type: type as "AppendDelimiterToRecord",
          Parameters: ([parameters ?? []].flat() as Config[]).map(
            ({ parameter_name: name, parameter_value: value }) => ({
              ParameterName: name as "Delimiter",
              ParameterValue: String(value),
            }),
          ),
        })),
      },
    }),
  };
}
