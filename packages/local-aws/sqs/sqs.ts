import { isLoopbackUrl } from "@event-pipeline/node-process/loopback-url";
import { ACCOUNT_ID } from "../account";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import { NotSupported } from "../protocols/invalid-input";
import type { Table } from "../storage/storage";
import { QueuedMessage, type StoredMessage } from "./message";
import { MessageMoveTasks } from "./message-move-tasks";
import { missingParameter } from "./parameters";
import { Queue, type QueueContext, type StoredQueue } from "./queue";
import { type AttributeTexts, FIFO_ATTRIBUTES, invalidValue, parseAttributes } from "./queue-attributes";

/** Path of a queue's URL. */
const QUEUE_PATH = /^\/(\d{12})\/([\w.-]+)\/?$/;

/** The queues of SQS. */
export class Sqs {
  readonly moveTasks: MessageMoveTasks;
  private readonly byName = new Map<string, Queue>();
  private readonly context: QueueContext;
  private readonly records: Table<StoredQueue>;

  constructor(private readonly host: Host) {
    const { storage } = host;
    this.records = storage.table<StoredQueue>("sqs-queues");
    const messages = storage.table<QueuedMessage>("sqs-messages");
    this.context = { host, records: this.records, messages, queueByArn: (arn) => this.queueByArn(arn) };
    for (const record of this.records.values()) this.add(record);
    // What comes from the storage is plain JSON.
    for (const stored of messages.values() as Iterable<unknown> as Iterable<StoredMessage>) {
      const message = new QueuedMessage(stored);
      messages.load(stored.id, message);
      this.byName.get(stored.queue)?.restore(message);
    }
    this.moveTasks = new MessageMoveTasks(this, host.clock);
  }

  /** Returns all queues, ordered by name. */
  queues(): readonly Queue[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Returns a queue; undefined if it does not exist. */
  queueByArn(arn: string): Queue | undefined {
    const queue = this.byName.get(arn.slice(arn.lastIndexOf(":") + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  /** @throws AwsError when the queue does not exist. */
  queueNamed(name: string): Queue {
    const queue = this.byName.get(name);
    if (queue) return queue;
    throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
  }

  /**
   * Returns the queue of a URL. Its host and port may be other ones of this machine, such as before a restart.
   *
   * @throws AwsError when the queue does not exist.
   */
  queueByUrl(url = ""): Queue {
    const named = this.byName.get(url.slice(url.lastIndexOf("/") + 1));
    if (named?.url === url) return named; // Parsing a URL takes longer than the rest of an action.
    if (url === "") throw missingParameter("QueueUrl");
    const path = isLoopbackUrl(url) ? new URL(url).pathname : "";
    const [, account, name = ""] = QUEUE_PATH.exec(path) ?? [];
    const queue = account === ACCOUNT_ID ? this.byName.get(name) : undefined;
    if (queue) return queue;
    const example = `${this.host.endpoint}/${ACCOUNT_ID}/<name>`;
    throw new AwsError(
      "QueueDoesNotExist",
      `The specified queue does not exist: ${url.slice(0, 200)}. A queue's URL is ${example}.`,
    );
  }

  /** Returns the queues whose dead-letter queue is the given one, ordered by name. */
  sourcesOf({ arn }: Queue): readonly Queue[] {
    return this.queues().filter(({ deadLetterTargetArn }) => deadLetterTargetArn === arn);
  }

  /**
   * Creates a queue, or returns the one that exists with these attributes.
   *
   * @throws AwsError when the name or an attribute is invalid, or when the queue exists with other attributes.
   */
  createQueue(name: string, attributes: AttributeTexts = {}, tags: Readonly<Record<string, string>> = {}): Queue {
    assertStandardQueue(name, attributes);
    const parsed = parseAttributes(attributes);
    const existing = this.byName.get(name);
    if (existing) {
      const other = Object.keys(parsed).find((key) => (existing.attributes[key] ?? "") !== parsed[key]);
      if (other === undefined) return existing;
      const message = `A queue already exists with the same name and a different value for attribute ${other}`;
      throw new AwsError("QueueNameExists", message);
    }
    const now = Math.floor(this.host.clock.now() / 1_000);
    const record: StoredQueue = { name, attributes: parsed, tags, createdAt: now, modifiedAt: now };
    this.assertRedriveAllowed(this.arnOf(name), parsed.RedrivePolicy);
    this.records.set(name, record);
    return this.add(record);
  }

  /** @throws AwsError when an attribute is invalid. */
  setAttributes(queue: Queue, attributes: AttributeTexts): void {
    const parsed = parseAttributes(attributes);
    this.assertRedriveAllowed(queue.arn, parsed.RedrivePolicy);
    queue.setAttributes(parsed);
  }

  deleteQueue(queue: Queue): void {
    this.byName.delete(queue.name);
    queue.deleteQueue();
  }

  /** Ends all receives, timers and message move tasks. */
  stop(): void {
    this.moveTasks.stop();
    for (const queue of this.byName.values()) queue.stop();
  }

  private arnOf(name: string): string {
    return `arn:aws:sqs:${this.host.region}:${ACCOUNT_ID}:${name}`;
  }

  private add(record: StoredQueue): Queue {
    const url = `${this.host.endpoint}/${ACCOUNT_ID}/${record.name}`;
    const queue = new Queue(this.context, record, this.arnOf(record.name), url);
    this.byName.set(record.name, queue);
    return queue;
  }

  private assertRedriveAllowed(sourceArn: string, redrivePolicy = ""): void {
    if (redrivePolicy === "") return;
    const { deadLetterTargetArn } = JSON.parse(redrivePolicy) as { deadLetterTargetArn: string };
    const isOwn = deadLetterTargetArn === sourceArn;
    const target = this.queueByArn(deadLetterTargetArn);
    if (!target && !isOwn) throw invalidValue("RedrivePolicy", redrivePolicy, "Dead letter target does not exist.");
    if (target?.allowsRedriveFrom(sourceArn) === false) {
      const reason = `The RedriveAllowPolicy of ${deadLetterTargetArn} does not allow the source queue ${sourceArn}.`;
      throw invalidValue("RedrivePolicy", redrivePolicy, reason);
    }
  }
}

function assertStandardQueue(name: string, attributes: AttributeTexts): void {
  const isFifoName = /^[\w-]{1,75}\.fifo$/.test(name);
  if (isFifoName && attributes.FifoQueue === "true") throw new NotSupported(`the FIFO queue ${name}`);
  if (attributes.FifoQueue === "true") {
    const message =
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.";
    throw new AwsError("InvalidParameterValue", message);
  }
  if (!/^[\w-]{1,80}$/.test(name)) {
    const message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    throw new AwsError("InvalidParameterValue", message);
  }
  const fifo = FIFO_ATTRIBUTES.find((each) => attributes[each] !== undefined);
  if (fifo !== undefined) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${fifo}.`);
}
