import {
  CreateTableCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { clientsFor } from "../clients";
import { SteppedClock } from "../clock";
import { startLocalAws } from "../local-aws";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const RETENTION_MS = 14 * DAY_MS;

test("a stepped clock passes 14 days of retention and a time to live, through the clients alone", async () => {
  const clock = new SteppedClock();
  const aws = await startLocalAws({ clock });
  const { sqs, dynamodb } = clientsFor(aws.endpoint, aws.region);
  const Attributes = { MessageRetentionPeriod: String(RETENTION_MS / 1_000), VisibilityTimeout: "0" };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "kept", Attributes }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept for 14 days" }));
  const TableName = "kept";
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 10, minDelay: 1 }, { TableName });
  const TimeToLiveSpecification = { Enabled: true, AttributeName: "expires_at" };
  await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  const expires_at = { N: String(Math.floor((clock.now() + RETENTION_MS) / 1_000)) };
  await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: "expires" }, expires_at } }));
  await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: "stays" } } }));
  const found = async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
    return [...Messages.map(({ Body }) => Body), ...Items.map(({ id }) => id?.S).sort()];
  };

  await clock.advance(RETENTION_MS - MINUTE_MS);
  expect(await found()).toEqual(["kept for 14 days", "expires", "stays"]);
  await clock.advance(MINUTE_MS);
  expect(await found()).not.toContain("kept for 14 days");
  // DynamoDB searches for expired items once an hour, and a search takes time of the machine.
  while ((await found()).includes("expires")) await clock.advance(60 * MINUTE_MS);
  expect(await found()).toEqual(["stays"]);
  sqs.destroy();
  dynamodb.destroy();
  await aws.stop();
});
