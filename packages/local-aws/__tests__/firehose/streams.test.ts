import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  StartDeliveryStreamEncryptionCommand,
} from "@aws-sdk/client-firehose";
import { BUCKET_ARN, type Messaging, ROLE_ARN, startMessaging } from "../messaging";

let aws: Messaging;

beforeEach(async () => {
  aws = await startMessaging();
});

afterEach(() => aws.stop());

const DESTINATION = { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN };

function create(destination: object = {}, input: Partial<CreateDeliveryStreamCommandInput> = {}) {
  return aws.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "events",
      ExtendedS3DestinationConfiguration: { ...DESTINATION, ...destination },
      ...input,
    }),
  );
}

async function described(DeliveryStreamName = "events") {
  const command = new DescribeDeliveryStreamCommand({ DeliveryStreamName });
  return (await aws.firehose.send(command)).DeliveryStreamDescription;
}

const ARN = "arn:aws:firehose:us-east-1:000000000000:deliverystream/events";
const error = (name: string, message: string) =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

test("describes a stream with AWS's defaults", async () => {
  expect((await create()).DeliveryStreamARN).toBe(ARN);
  const { CreateTimestamp, ...description } = (await described()) ?? {};
  const destination = {
    ...DESTINATION,
    Prefix: "",
    BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
    CompressionFormat: "UNCOMPRESSED",
    EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
    CloudWatchLoggingOptions: { Enabled: false },
  };
  expect(CreateTimestamp).toBeInstanceOf(Date);
  expect(description).toEqual({
    DeliveryStreamName: "events",
    DeliveryStreamARN: ARN,
    DeliveryStreamStatus: "ACTIVE",
    DeliveryStreamEncryptionConfiguration: { Status: "DISABLED" },
    DeliveryStreamType: "DirectPut",
    VersionId: "1",
    Destinations: [
      {
        DestinationId: "destinationId-000000000001",
        S3DestinationDescription: destination,
        ExtendedS3DestinationDescription: {
          ...destination,
          ProcessingConfiguration: { Enabled: false, Processors: [] },
          S3BackupMode: "Disabled",
          CustomTimeZone: "UTC",
        },
      },
    ],
    HasMoreDestinations: false,
  });
});

test("describes what the stack sets", async () => {
  const destination = {
    Prefix: "raw/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
    ErrorOutputPrefix: "errors/!{firehose:error-output-type}/year=!{timestamp:yyyy}/",
    BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
    CompressionFormat: "GZIP",
    CloudWatchLoggingOptions: {
      Enabled: true,
      LogGroupName: "/aws/kinesisfirehose/events",
      LogStreamName: "S3Delivery",
    },
  } as const;
  const Tags = [
    { Key: "Owner", Value: "me" },
    { Key: "App", Value: "x" },
  ];
  await create(
    { ...destination, DataFormatConversionConfiguration: { Enabled: false }, FileExtension: "" },
    { DeliveryStreamEncryptionConfigurationInput: { KeyType: "AWS_OWNED_CMK" }, Tags },
  );
  expect(await described()).toMatchObject({
    DeliveryStreamEncryptionConfiguration: { KeyType: "AWS_OWNED_CMK", Status: "ENABLED" },
    Destinations: [{ ExtendedS3DestinationDescription: destination }],
  });
  const list = (input = {}) =>
    aws.firehose.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: "events", ...input }));
  expect(await list()).toMatchObject({ Tags: [Tags[1], Tags[0]], HasMoreTags: false });
  expect(await list({ Limit: 1 })).toMatchObject({ Tags: [Tags[1]], HasMoreTags: true });
  await expect(list({ Limit: 0 })).rejects.toEqual(error("ValidationException", "Limit 0"));
  expect(await list({ ExclusiveStartTagKey: "App" })).toMatchObject({ Tags: [Tags[0]], HasMoreTags: false });
  const { Encrypted } = await aws.firehose.send(
    new PutRecordCommand({ DeliveryStreamName: "events", Record: { Data: Buffer.from("x") } }),
  );
  expect(Encrypted).toBe(true);
});

test.each<[string, object, string]>([
  ["RoleARN", { RoleARN: "r" }, "RoleARN"],
  ["BucketARN", { BucketARN: "b" }, "BucketARN"],
  ["size", { BufferingHints: { SizeInMBs: 129, IntervalInSeconds: 60 } }, "1 to 128 MB"],
  ["interval", { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 901 } }, "0 to 900 s"],
  ["size without an interval", { BufferingHints: { SizeInMBs: 1 } }, "both"],
  ["time zone", { CustomTimeZone: "Mars/Olympus" }, "CustomTimeZone"],
  ["file extension", { FileExtension: "json" }, "FileExtension"],
  ["unfinished expression", { Prefix: "a!{timestamp:yyyy" }, "!{namespace:value}"],
  [
    "prefix with an error type",
    { Prefix: "!{firehose:error-output-type}/", ErrorOutputPrefix: "!{firehose:error-output-type}/" },
    "must not contain",
  ],
  ["prefix with an expression alone", { Prefix: "!{timestamp:yyyy}/" }, "ErrorOutputPrefix must contain"],
  ["error prefix without its type", { ErrorOutputPrefix: "!{timestamp:yyyy}/" }, "ErrorOutputPrefix must contain"],
  ["prefix of 513 characters", { Prefix: "x".repeat(513) }, "512 characters"],
])("rejects an invalid %s", async (_what, destination, message) => {
  await expect(create(destination)).rejects.toEqual(error("InvalidArgumentException", message));
  await expect(described()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test.each<[string, object, Partial<CreateDeliveryStreamCommandInput>, string]>([
  ["a compression", { CompressionFormat: "Snappy" }, {}, "CompressionFormat Snappy"],
  ["a backup", { S3BackupMode: "Enabled" }, {}, "S3BackupMode Enabled"],
  [
    "a processor",
    { ProcessingConfiguration: { Enabled: true, Processors: [{ Type: "Lambda" }] } },
    {},
    "the processor Lambda",
  ],
  [
    "dynamic partitioning",
    { DynamicPartitioningConfiguration: { Enabled: true } },
    {},
    "DynamicPartitioningConfiguration.Enabled",
  ],
  [
    "a partition key",
    { Prefix: "!{partitionKeyFromQuery:a}/", ErrorOutputPrefix: "!{firehose:error-output-type}/" },
    {},
    "!{partitionKeyFromQuery:a}",
  ],
  [
    "a name of a month",
    { Prefix: "!{timestamp:MMM}/", ErrorOutputPrefix: "!{firehose:error-output-type}/" },
    {},
    "!{timestamp:MMM}",
  ],
  ["another source", {}, { DeliveryStreamType: "KinesisStreamAsSource" }, "DeliveryStreamType KinesisStreamAsSource"],
  [
    "another destination",
    {},
    {
      HttpEndpointDestinationConfiguration: {
        EndpointConfiguration: { Url: "https://a" },
        S3Configuration: DESTINATION,
      },
    },
    "HttpEndpointDestinationConfiguration",
  ],
])("answers 501 to %s, and names it", async (_what, destination, input, named) => {
  await expect(create(destination, input)).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
    message: expect.stringContaining(named),
  });
});

test("rejects a stream without a destination, with a wrong name, a wrong key, or a taken name", async () => {
  const invalid = (message: string) => error("InvalidArgumentException", message);
  await expect(create({}, { ExtendedS3DestinationConfiguration: undefined })).rejects.toEqual(
    invalid("one destination"),
  );
  await expect(create({}, { DeliveryStreamName: "a b" })).rejects.toEqual(invalid("DeliveryStreamName"));
  for (const input of [
    { KeyType: "CUSTOMER_MANAGED_CMK" as const },
    { KeyType: "AWS_OWNED_CMK" as const, KeyARN: "k" },
  ]) {
    await expect(create({}, { DeliveryStreamEncryptionConfigurationInput: input })).rejects.toEqual(invalid("KeyARN"));
  }
  await create();
  await expect(create()).rejects.toMatchObject({ name: "ResourceInUseException" });
});

test("starts the encryption of a stream", async () => {
  await create();
  const start = (input?: { KeyType: "CUSTOMER_MANAGED_CMK" | "AWS_OWNED_CMK"; KeyARN?: string }) =>
    aws.firehose.send(
      new StartDeliveryStreamEncryptionCommand({
        DeliveryStreamName: "events",
        DeliveryStreamEncryptionConfigurationInput: input,
      }),
    );
  const encryption = async () => (await described())?.DeliveryStreamEncryptionConfiguration;
  await start();
  expect(await encryption()).toEqual({ KeyType: "AWS_OWNED_CMK", Status: "ENABLED" });
  const key = { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN: "arn:aws:kms:us-east-1:000000000000:key/k" } as const;
  await start(key);
  await expect(start({ KeyType: "CUSTOMER_MANAGED_CMK" })).rejects.toEqual(error("InvalidArgumentException", "KeyARN"));
  expect(await encryption()).toEqual({ ...key, Status: "ENABLED" });
});

test("lists streams in pages, and deletes them", async () => {
  for (let index = 10; index < 22; index++) await create({}, { DeliveryStreamName: `s${index}` });
  const list = (input = {}) => aws.firehose.send(new ListDeliveryStreamsCommand(input));
  const first = await list();
  expect(first).toMatchObject({ HasMoreDeliveryStreams: true });
  expect(first.DeliveryStreamNames).toHaveLength(10);
  expect(await list({ ExclusiveStartDeliveryStreamName: "s19" })).toMatchObject({
    DeliveryStreamNames: ["s20", "s21"],
    HasMoreDeliveryStreams: false,
  });
  expect(await list({ DeliveryStreamType: "MSKAsSource" })).toMatchObject({ DeliveryStreamNames: [] });
  await expect(list({ Limit: 0 })).rejects.toEqual(error("ValidationException", "Limit 0"));
  const remove = () => aws.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "s10" }));
  await remove();
  await expect(remove()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  expect((await list({ Limit: 1 })).DeliveryStreamNames).toEqual(["s11"]);
});

test("rejects records that are too large, alone, together or in a batch of others", async () => {
  await create();
  const DeliveryStreamName = "events";
  const put = (bytes: number, name = DeliveryStreamName) =>
    aws.firehose.send(new PutRecordCommand({ DeliveryStreamName: name, Record: { Data: Buffer.alloc(bytes) } }));
  const putAll = (...sizes: number[]) => {
    const Records = sizes.map((bytes) => ({ Data: Buffer.alloc(bytes) }));
    return aws.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
  };
  expect((await put(1_024_000)).RecordId).toEqual(expect.any(String));
  await expect(put(1_024_001)).rejects.toEqual(error("ValidationException", "the record has 1024001 bytes"));
  await expect(put(1, "gone")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  // AWS rejects such a batch as a whole, as everything that its schema does not allow.
  await expect(putAll(1, 1_024_001, 0)).rejects.toEqual(error("ValidationException", "the record has 1024001 bytes"));
  expect((await putAll(1, 0)).RequestResponses).toHaveLength(2);
  const mib = 1024 * 1024;
  await expect(putAll(mib, mib, mib, mib, 1)).rejects.toEqual(error("InvalidArgumentException", "4194305 bytes"));
  await expect(putAll()).rejects.toEqual(error("ValidationException", "1 to 500 records"));
  await expect(putAll(...Array<number>(501).fill(1))).rejects.toEqual(error("ValidationException", "1 to 500 records"));
});
