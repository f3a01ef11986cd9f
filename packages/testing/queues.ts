import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

export async function createQueue(sqs: SQSClient, QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return { url: String(QueueUrl), arn: (await attributes(sqs, String(QueueUrl))).QueueArn as string };
}

export async function urlOf(sqs: SQSClient, QueueName: string): Promise<string> {
  return String((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl);
}

export async function attributes(
  sqs: SQSClient,
  QueueUrl: string,
): Promise<Partial<Record<QueueAttributeName, string>>> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return Attributes;
}

/** Returns the numbers of visible, in-flight and delayed messages. */
export async function counts(sqs: SQSClient, url: string): Promise<number[]> {
  const found = await attributes(sqs, url);
  return [
    found.ApproximateNumberOfMessages,
    found.ApproximateNumberOfMessagesNotVisible,
    found.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
}

/** Receives up to ten messages with one request. `input` overrides parameters. */
export async function receive(sqs: SQSClient, QueueUrl: string, input: object = {}): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
      ...input,
    }),
  );
  return Messages;
}
