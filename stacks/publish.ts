import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

export interface PublishEventOptions {
  /** The event's ID, as its member `id`. @default - none, or the event's own */
  readonly id?: string;
  /** The event's time, as its member `time`. A text is in RFC 3339. @default - SNS's time, or the event's own */
  readonly time?: Date | string;
  /** SNS message attributes of type String, by name. @default - none */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The client that sends the event. @default - a client for the topic's region, with the default credentials */
  readonly client?: Pick<SNSClient, "send">;
}

/** Clients by region. */
const clients = new Map<string, SNSClient>();

/**
 * Publishes an event to a pipeline's topic.
 *
 * `EventTypes` is the interface that `event-pipeline contracts types` makes. With it, an event that violates its contract
 * is a type error.
 *
 * @typeParam EventTypes - The types of events, by the names that the pipeline has for them. Without it, the event can be any object.
 * @returns the MessageId from SNS.
 * @throws Error if the topic's ARN is invalid, or the event and the options both have an ID or a time; the error from SNS.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 * @example
 * import { publishEvent } from "@event-pipeline/cdktf/publish";
 * import type { EventTypes } from "./event-types";
 *
 * await publishEvent<EventTypes>(topicArn, { type: "finding.new", severity: "high", title: "Open port" });
 */
export async function publishEvent<EventTypes extends object = Record<string, object>>(
  topicArn: string,
  event: EventTypes[keyof EventTypes],
  options: PublishEventOptions = {},
): Promise<string> {
  const { id, time, attributes = {}, client = clientFor(topicArn) } = options;
  const members = {
    ...(id !== undefined && { id }),
    ...(time !== undefined && { time: time instanceof Date ? time.toISOString() : time }),
  };
  for (const [name, value] of Object.entries(members)) {
    if (!Object.hasOwn(event as object, name)) continue;
    throw new Error(
      `The event has a member "${name}", and the option ${name} is ${JSON.stringify(value)}. Give it once.`,
    );
  }
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );
  const Message = JSON.stringify({ ...event, ...members });
  const { MessageId } = await client.send(new PublishCommand({ TopicArn: topicArn, Message, MessageAttributes }));
  return String(MessageId);
}

function clientFor(topicArn: string): SNSClient {
  const [, region] = /^arn:[\w-]+:sns:([\w-]+):\d{12}:[\w-]+$/.exec(topicArn) ?? [];
  if (region === undefined) {
    throw new Error(
      `Invalid topic ARN ${JSON.stringify(topicArn)}: expected one such as arn:aws:sns:eu-central-1:123456789012:alice-events.`,
    );
  }
  const client = clients.get(region) ?? new SNSClient({ region });
  clients.set(region, client);
  return client;
}
