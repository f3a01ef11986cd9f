import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ListDeadLetterSourceQueuesCommand, SQSClient, StartMessageMoveTaskCommand } from "@aws-sdk/client-sqs";
import { ARCHIVE_PREFIX } from "@event-pipeline/event-model/archive-layout";
import { eventProcessorNames, pipelineNames } from "@event-pipeline/event-model/resource-names";
import { eventually } from "./eventually";

/** A behavior of AWS that ministack lacks. It is checked after events were published. */
export interface Gap {
  /** The item in docs/emulators.md. */
  readonly item: string;
  /** Returns whether it is still so. */
  readonly isThere: (deployment: Deployment) => Promise<boolean>;
}

export interface Deployment {
  readonly endpoint: string;
  readonly name: string;
}

const REGION = "us-east-1";
/** The credentials of docs/emulators.md; ministack accepts any. */
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" } as const;

function config({ endpoint }: Deployment) {
  return { endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1, forcePathStyle: true };
}

async function archivedKeys(deployment: Deployment): Promise<string[]> {
  const Bucket = pipelineNames(deployment.name).rawBucket;
  const command = new ListObjectsV2Command({ Bucket, Prefix: ARCHIVE_PREFIX });
  const { Contents = [] } = await new S3Client(config(deployment)).send(command);
  return Contents.map(({ Key = "" }) => Key);
}

async function errorOf(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => "none",
    (error: Error) => error.name,
  );
}

/** The gaps, in the order in which they are checked: the second check puts an object into the archive. */
export const GAPS: readonly Gap[] = [
  {
    item: "SNS accepts the subscription of the delivery stream, but delivers nothing to it. The archive stays empty.",
    isThere: async (deployment) => (await archivedKeys(deployment)).length === 0,
  },
  {
    item: "Firehose does not compress the objects of the archive.",
    isThere: async (deployment) => {
      const DeliveryStreamName = pipelineNames(deployment.name).rawStream;
      const Record = { Data: Buffer.from('{"type":"direct"}\n') };
      await new FirehoseClient(config(deployment)).send(new PutRecordCommand({ DeliveryStreamName, Record }));
      let keys: readonly string[] = [];
      await eventually("an object in the archive", async () => {
        keys = await archivedKeys(deployment);
        return keys.length > 0;
      });
      return keys.every((key) => !key.endsWith(".gz"));
    },
  },
  {
    item: "KMS does not have the keys that AWS manages. `doctor` cannot examine the key of the table.",
    isThere: async (deployment) => {
      const request = new KMSClient(config(deployment)).send(new DescribeKeyCommand({ KeyId: "alias/aws/dynamodb" }));
      return (await errorOf(request)) === "NotFoundException";
    },
  },
  {
    item: "SQS has no message move tasks. `dlq redrive` does not need them.",
    isThere: async (deployment) => {
      const SourceArn = `arn:aws:sqs:${REGION}:000000000000:${eventProcessorNames(deployment.name).deadLetterQueueName}`;
      const request = new SQSClient(config(deployment)).send(new StartMessageMoveTaskCommand({ SourceArn }));
      return (await errorOf(request)) === "InvalidAction";
    },
  },
  {
    item: "SQS does not list the source queues of a dead-letter queue.",
    isThere: async (deployment) => {
      const QueueUrl = `${deployment.endpoint}/000000000000/${eventProcessorNames(deployment.name).deadLetterQueueName}`;
      const request = new SQSClient(config(deployment)).send(new ListDeadLetterSourceQueuesCommand({ QueueUrl }));
      return (await errorOf(request)) === "InvalidAction";
    },
  },
  {
    item: "CloudWatch Logs ignores filter patterns for JSON: they match every line.",
    isThere: async (deployment) => {
      const { events = [] } = await new CloudWatchLogsClient(config(deployment)).send(
        new FilterLogEventsCommand({
          logGroupName: `/aws/lambda/${eventProcessorNames(deployment.name).functionName}`,
          filterPattern: '{ $.level = "NO SUCH LEVEL" }',
        }),
      );
      return events.length > 0;
    },
  },
];
