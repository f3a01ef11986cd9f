import { setImmediate as turn } from "node:timers/promises";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createQueue } from "@event-pipeline/testing/queues";
import { type Clock, RunningClock } from "../clock";
import { Firehose } from "../firehose/firehose";
import { FIREHOSE } from "../firehose/service";
import type { Observer } from "../observer";
import type { S3 } from "../s3/s3";
import { SNS } from "../sns/service";
import { Sns } from "../sns/sns";
import { SQS } from "../sqs/service";
import { Sqs } from "../sqs/sqs";
import { MemoryStorage, type Storage, type Table } from "../storage/storage";
import { startServices } from "./start-services";

export const ROLE_ARN = "arn:aws:iam::000000000000:role/r";
export const BUCKET_ARN = "arn:aws:s3:::archive";

type Observed = {
  [Name in "published" | "filtered" | "undelivered" | "delivered" | "noted"]: Parameters<NonNullable<Observer[Name]>>[];
};

/** A bucket whose failures a test determines. */
export class FakeS3 {
  /** Number of objects that are refused. */
  failures = 0;
  /** Content of the objects, by their keys. */
  readonly objects: Table<string>;

  constructor(storage: Storage) {
    this.objects = storage.table("fake-objects");
  }

  async putObject({ key, body }: { key: string; body: Buffer }): Promise<void> {
    await turn();
    if (this.failures-- > 0) throw new Error("the disk is full");
    this.failures = 0;
    this.objects.set(key, body.toString("base64"));
  }

  /** Returns the keys and the bytes of the objects, in the order of their creation. */
  content(): [key: string, bytes: Buffer][] {
    return [...this.objects.keys()].map((key) => [key, Buffer.from(this.objects.get(key) ?? "", "base64")]);
  }
}

/** Starts SNS, SQS and Firehose, with clients. */
export async function startMessaging({
  clock = new RunningClock(),
  storage = new MemoryStorage(),
}: {
  readonly clock?: Clock;
  readonly storage?: Storage;
} = {}) {
  const observed: Observed = { published: [], filtered: [], undelivered: [], delivered: [], noted: [] };
  const names = Object.keys(observed) as (keyof Observed)[];
  const observer = Object.fromEntries(
    names.map((name) => [name, (...values: unknown[]) => (observed[name] as unknown[]).push(values)]),
  ) as Observer;
  const s3 = new FakeS3(storage);
  let queues: Sqs | undefined;
  let streams: Firehose | undefined;
  const services = await startServices(
    (endpoint) => {
      const delivery = { shuffled: false, seed: 0 };
      const host = { endpoint, region: "us-east-1", clock, storage, observer, delivery };
      queues = new Sqs(host);
      streams = new Firehose(host, s3 as unknown as S3);
      const topics = new Sns(host, queues, streams);
      return [
        { definition: SNS, state: topics },
        { definition: SQS, state: queues },
        { definition: FIREHOSE, state: streams },
      ];
    },
    { clock, storage },
  );
  const config = { ...services.config, maxAttempts: 1 };
  const [sns, sqs, firehose] = [new SNSClient(config), new SQSClient(config), new FirehoseClient(config)];
  return {
    ...{ sns, sqs, firehose, s3, observed },
    endpoint: services.endpoint,
    streams: streams as unknown as Firehose,
    async createTopic(Name: string, Attributes: Record<string, string> = {}): Promise<string> {
      return String((await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn);
    },
    async subscribe(TopicArn: string, Endpoint: string, Attributes: Record<string, string> = {}): Promise<string> {
      const Protocol = String(Endpoint.split(":")[2]);
      const command = new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes });
      return String((await sns.send(command)).SubscriptionArn);
    },
    queue: (name: string, attributes: Record<string, string> = {}) => createQueue(sqs, name, attributes),
    async stop(): Promise<void> {
      for (const client of [sns, sqs, firehose]) client.destroy();
      await streams?.stop(Date.now());
      await services.stop();
      queues?.stop();
    },
  };
}

export type Messaging = Awaited<ReturnType<typeof startMessaging>>;

/** Waits until a condition holds. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error("The condition does not hold after 10 s.");
    await turn();
  }
}
