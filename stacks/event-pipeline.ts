import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { Annotations, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { HandlerEnvironment } from "../contract/handler-environment";
import { pipelineNames } from "../contract/resource-names";
import { accountAddress, addressPrefixOf, pipelineAddresses } from "./addresses";
import { DeliveryStatusLogs } from "./constructs/delivery-status-logs";
import { EncryptionKey } from "./constructs/encryption-key";
import { EventQueue } from "./constructs/event-queue";
import { EventTable } from "./constructs/event-table";
import { EventTopic } from "./constructs/event-topic";
import { keepFormerKey } from "./constructs/former-key";
import { Monitoring } from "./constructs/monitoring/monitoring";
import { QueueConsumer } from "./constructs/queue-consumer";
import { RawArchive } from "./constructs/raw-archive";
import { UndeliveredQueue } from "./constructs/undelivered-queue";
import { type ConsumerIdentity, eventProcessorIdentity, subscriberIdentity } from "./consumer-identity";
import { checkOwnProps, type EventPipelineProps, type QueueSubscriberProps } from "./event-pipeline-props";
import { handlerBundle } from "./handler-bundle";
import { checkedPipelineOptions } from "./options/checked-options";
import { type ConsumerOptions, maxConcurrency, visibilityTimeoutSeconds } from "./options/consumer";
import { InvalidOptionsError } from "./options/invalid-options-error";
import type { PipelineOptions } from "./options/pipeline-options";
import { mayStoreExpired } from "./options/retention";
import { subscriberIdProblem, subscriberOptions } from "./options/subscribers";
import { forbidSharedAddresses, pinned } from "./terraform-address";

/** The diagram: topic → queue → function → table, and topic → stream → bucket. */
export class EventPipeline extends Construct {
  readonly topic: EventTopic;
  readonly undelivered: UndeliveredQueue;
  readonly table: EventTable;
  readonly queue: EventQueue;
  readonly processor: QueueConsumer;
  readonly archive: RawArchive;
  private readonly name: string;
  private readonly addressPrefix: string;
  private readonly options: PipelineOptions;
  /** What several of its constructs have to know. */
  private readonly shared: {
    readonly accountId: string;
    readonly kmsKeyArn: string | undefined;
    /** Key of the log groups; undefined for CloudWatch's own. */
    readonly logsKmsKeyArn: string | undefined;
  };
  private readonly monitoring: Monitoring | undefined;

  /** @throws InvalidOptionsError naming each prop that is wrong, its value and what is allowed. */
  constructor(scope: Construct, id: string, props: EventPipelineProps) {
    super(scope, id);
    const { name, topicTags, handlerPath, addressPrefix = addressPrefixOf(id), ...given } = props;
    checkOwnProps({ name, topicTags, handlerPath, addressPrefix });
    const options = checkedPipelineOptions(given);
    forbidSharedAddresses(TerraformStack.of(this));
    this.name = name;
    this.addressPrefix = addressPrefix;
    this.options = options;
    const { accountId } = pinned(new DataAwsCallerIdentity(this, "account"), accountAddress(addressPrefix));
    const kmsKeyArn = this.addKey(accountId);
    this.shared = { accountId, kmsKeyArn, logsKmsKeyArn: options.encryptLogs ? kmsKeyArn : undefined };
    this.warnOfExpiry();

    const names = pipelineNames(name);
    const addresses = pipelineAddresses(addressPrefix);
    this.topic = new EventTopic(this, "topic", {
      ...options,
      ...this.shared,
      address: addresses.topic,
      topicName: names.topic,
      tags: topicTags,
      deliveryStatusLogs: this.addDeliveryStatusLogs(),
    });
    this.undelivered = new UndeliveredQueue(this, "undelivered", {
      ...options,
      ...this.shared,
      address: addresses.undelivered,
      queueName: names.undeliveredQueue,
      topic: this.topic.topic,
    });
    this.table = new EventTable(this, "table", {
      ...options,
      ...this.shared,
      address: addresses.table,
      tableName: names.table,
    });

    const identity = eventProcessorIdentity(name, addressPrefix);
    this.monitoring = this.addMonitoring(identity.functionName);
    this.queue = this.addQueue(identity, options);
    const environment: HandlerEnvironment = {
      TABLE_NAME: this.table.table.name,
      DEAD_LETTER_QUEUE_URL: this.queue.deadLetterQueue.url,
      EVENT_TTL_DAYS: String(options.eventTtlDays),
      LOG_RECORDS: String(options.logRecords),
    };
    this.processor = this.addConsumer(identity, options, this.queue, {
      handlerPath: handlerPath ?? handlerBundle("event-processor"),
      environment: { ...environment },
      statements: [this.table.writeStatement(), this.queue.deadLetterStatement()],
    });
    this.archive = this.addArchive();
  }

  /**
   * Gives the topic one more consumer: `{name}-<id>-queue` with its dead-letter
   * queue, `{name}-<id>-processor` and their alarms, with the options of the pipeline
   * but for those that it has its own of.
   *
   * @param id - 2 to 12 lowercase letters and digits.
   * @throws InvalidOptionsError when the id is another, or one that names and addresses of the pipeline have, and
   * naming each of its options that AWS would refuse.
   */
  addQueueSubscriber(id: string, props: QueueSubscriberProps): QueueConsumer {
    const problem = subscriberIdProblem(id);
    if (problem !== undefined) throw new InvalidOptionsError([problem]);
    const { handlerPath, environment, statements, ...own } = props;
    const options = subscriberOptions(id, own, this.options);
    const identity = subscriberIdentity(this.name, this.addressPrefix, id);
    const queue = this.addQueue(identity, options);
    return this.addConsumer(identity, options, queue, { handlerPath, environment, statements });
  }

  private addKey(accountId: string): string | undefined {
    const { options } = this;
    const { key: address } = pipelineAddresses(this.addressPrefix);
    if (options.kmsKey === "create") {
      const alias = pipelineNames(this.name).key;
      return new EncryptionKey(this, "key", { ...options, accountId, address, alias }).key.arn;
    }
    keepFormerKey(this, address);
    return options.kmsKey;
  }

  private warnOfExpiry(): void {
    if (!mayStoreExpired(this.options)) return;
    const { eventTtlDays, queueRetentionDays, deadLetterRetentionDays } = this.options;
    Annotations.of(this).addWarning(
      `eventTtlDays is ${eventTtlDays}, and queue and dead-letter queue keep messages for ${queueRetentionDays} + ${deadLetterRetentionDays} days: an event that is redriven late is stored expired, and soon deleted. The metric EventsExpired counts them.`,
    );
  }

  private addDeliveryStatusLogs(): DeliveryStatusLogs | undefined {
    if (!this.options.deliveryStatusLogging) return undefined;
    const { deliveryLogs, failedDeliveryLogs, deliveryLogsRole } = pipelineAddresses(this.addressPrefix);
    const names = pipelineNames(this.name);
    return new DeliveryStatusLogs(this, "delivery-status", {
      ...this.options,
      ...this.shared,
      address: deliveryLogs,
      failureAddress: failedDeliveryLogs,
      roleAddress: deliveryLogsRole,
      topicName: names.topic,
      roleName: names.deliveryStatusRole,
    });
  }

  private addMonitoring(writer: string): Monitoring | undefined {
    const { options, shared, addressPrefix } = this;
    if (!options.monitoring) return undefined;
    const names = pipelineNames(this.name);
    return new Monitoring(this, "monitoring", { ...options, ...shared, addressPrefix, names, writer });
  }

  private addQueue(identity: ConsumerIdentity, options: ConsumerOptions): EventQueue {
    const { filterPolicy, filterPolicyScope } = options;
    this.monitoring?.watch(identity, options, filterPolicy && filterPolicyScope);
    const queue = new EventQueue(this, `${identity.id}-queue`, {
      ...this.options,
      ...this.shared,
      ...options,
      identity,
      visibilityTimeoutSeconds: visibilityTimeoutSeconds(options),
    });
    queue.subscribeTo(this.topic, { undelivered: this.undelivered, filterPolicy, filterPolicyScope });
    return queue;
  }

  private addConsumer(
    { id, functionName, addresses }: ConsumerIdentity,
    options: ConsumerOptions,
    queue: EventQueue,
    { handlerPath, environment = {}, statements = [] }: QueueSubscriberProps,
  ): QueueConsumer {
    return new QueueConsumer(this, `${id}-processor`, {
      ...this.options,
      ...this.shared,
      ...options,
      maxConcurrency: maxConcurrency(options),
      address: addresses.function,
      functionName,
      queue,
      handlerPath,
      environment,
      statements,
    });
  }

  private addArchive(): RawArchive {
    const names = pipelineNames(this.name);
    const archive = new RawArchive(this, "archive", {
      ...this.options,
      ...this.shared,
      addresses: pipelineAddresses(this.addressPrefix),
      bucketName: this.options.rawBucketName ?? names.rawBucket,
      streamName: names.rawStream,
      streamRoleName: names.rawStreamRole,
      subscriptionRoleName: names.rawSubscriptionRole,
    });
    archive.subscribeTo(this.topic, this.undelivered);
    return archive;
  }
}
