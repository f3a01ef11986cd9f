/** Stores events on the local AWS services with one loop of SDK calls, without a Lambda process, hops or an archive. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ACCOUNT_ID, CREDENTIALS } from "@event-pipeline/local-aws/account";
import { startLocalAws } from "@event-pipeline/local-aws/local-aws";
import { serveParent } from "../child";
import { REGION, TABLE_NAME } from "../environment";
import { createTable } from "../items";

export interface BaselineReady {
  readonly endpoint: string;
  readonly topicArn: string;
  readonly tableName: string;
}

export interface StoredIds {
  readonly storedIds: readonly string[];
}

const aws = await startLocalAws({ region: REGION });
const { endpoint } = aws;
const config = { endpoint, region: REGION, credentials: CREDENTIALS };
const sns = new SNSClient(config);
const sqs = new SQSClient(config);
const dynamodb = new DynamoDBClient(config);
const documents = DynamoDBDocumentClient.from(dynamodb);

await createTable(dynamodb, TABLE_NAME);
const { TopicArn: topicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "bench-events" }));
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "bench-events-queue" }));
const queueArn = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:bench-events-queue`;
await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: queueArn }));

async function consume(): Promise<void> {
  for (;;) {
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 }),
    );
    const { Messages = [] } = received;
    if (Messages.length === 0) continue;
    const items = Messages.map(itemOf);
    await documents.send(
      new BatchWriteCommand({ RequestItems: { [TABLE_NAME]: items.map((Item) => ({ PutRequest: { Item } })) } }),
    );
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    process.send?.({ storedIds: items.map(({ event_id }) => event_id) } satisfies StoredIds);
  }
}

function itemOf({ Body = "" }: Message) {
  const data = JSON.parse((JSON.parse(Body) as { Message: string }).Message) as Record<string, string>;
  const event_id = String(data.id);
  return { event_type: data.type, timestamp_id: `${data.time}#${event_id}`, event_id, data };
}

serveParent({ endpoint, topicArn, tableName: TABLE_NAME } satisfies BaselineReady, () => ({}));
await consume();
