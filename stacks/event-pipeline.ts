import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import type { HandlerEnvironment } from "@event-pipeline/event-model/handler-environment";
import { pipelineNames } from "@event-pipeline/event-model/resource-names";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { accountAddress, addressPrefixOf, pipelineAddresses } from "./addresses";
import { DeliveryStatusLogs } from "./constructs/delivery-status-logs";
import { DeploymentGuard } from "./constructs/deployment-guard";
import { EventQueue } from "./constructs/event-queue";
import { EventTable } from "./constructs/event-table";
import { EventTopic } from "./constructs/event-topic";
import { KeyAccess } from "./constructs/key-access";
import { kmsKeyArnOf } from "./constructs/kms-key";
import { Monitoring } from "./constructs/monitoring/monitoring";
import { QueueConsumer } from "./constructs/queue-consumer";
import { RawArchive } from "./constructs/raw-archive";
import { UndeliveredQueue } from "./constructs/undelivered-queue";
import { type ConsumerIdentity, eventProcessorIdentity, subscriberIdentity } from "./consumer-identity";
import { checkOwnProps, type EventPipelineProps, type QueueSubscriberProps } from "./event-pipeline-props";
import { warnOfExpiry } from "./expiry-warning";
import { handlerBundle } from "./handler-bundle";
import { validateAwsLimits } from "./limits/validate-aws-limits";
import { checkedPipelineOptions } from "./options/checked-options";
import { type ConsumerOptions, maxConcurrency, visibilityTimeoutSeconds } from "./options/consumer";
import { InvalidOptionsError } from "./options/invalid-options-error";
import type { PipelineOptions } from "./options/pipeline-options";
import { subscriberIdProblem, subscriberOptions } from "./options/subscribers";
import { warnOfUnknownServices } from "./publisher-services";
import { forbidSharedAddresses, pinned } from "./terraform-address";

/** The options of a pipeline, and what else its constructs have in common. */
interface Shared extends PipelineOptions {
  readonly accountId: string;
  readonly kmsKeyArn: string | undefined;
  readonly keyAccess: KeyAccess;
  /** Key of the log groups; undefined for CloudWatch's own. */
  readonly logsKmsKeyArn: string | undefined;
}

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
  private readonly shared: Shared;
  private readonly monitoring: Monitoring | undefined;

  /** @throws InvalidOptionsError naming each prop that is wrong, its value and what is allowed. */
  constructor(scope: Construct, id: string, props: EventPipelineProps) {
    super(scope, id);
    const { name, topicTags, handlerPath, addressPrefix = addressPrefixOf(id), ...given } = props;
    checkOwnProps({ name, topicTags, handlerPath, addressPrefix });
    const options = checkedPipelineOptions(given);
    forbidSharedAddresses(TerraformStack.of(this));
    validateAwsLimits(this, options.region);
    warnOfExpiry(this, options);
    warnOfUnknownServices(this, options.publisherServices);
    this.name = name;
    this.addressPrefix = addressPrefix;
    const names = pipelineNames(name);
    const addresses = pipelineAddresses(addressPrefix);
    const { accountId } = pinned(new DataAwsCallerIdentity(this, "account"), accountAddress(addressPrefix));
    new DeploymentGuard(this, "deployment", {
      address: addresses.deployment,
      name,
      accountId,
      region: options.region,
    });
    const kmsKeyArn = kmsKeyArnOf(this, {
      ...options,
      accountId,
      address: addresses.key,
      alias: names.key,
      topicName: names.topic,
    });
    const keyArns = [...(kmsKeyArn === undefined ? [] : [kmsKeyArn]), ...(options.formerKmsKeys ?? [])];
    const keyAccess = new KeyAccess([...new Set(keyArns)], options.region);
    const logsKmsKeyArn = options.encryptLogs ? kmsKeyArn : undefined;
    const shared: Shared = { ...options, accountId, kmsKeyArn, keyAccess, logsKmsKeyArn };
    this.shared = shared;

    this.topic = new EventTopic(this, "topic", {
      ...shared,
      address: addresses.topic,
      topicName: names.topic,
      tags: topicTags,
      deliveryStatusLogs: options.deliveryStatusLogging
        ? new DeliveryStatusLogs(this, "delivery-status", {
            ...shared,
            address: addresses.deliveryLogs,
            failureAddress: addresses.failedDeliveryLogs,
            roleAddress: addresses.deliveryLogsRole,
            topicName: names.topic,
            roleName: names.deliveryStatusRole,
          })
        : undefined,
    });
    this.undelivered = new UndeliveredQueue(this, "undelivered", {
      ...shared,
      address: addresses.undelivered,
      queueName: names.undeliveredQueue,
      topic: this.topic.topic,
    });
    this.table = new EventTable(this, "table", { ...shared, address: addresses.table, tableName: names.table });

    const identity = eventProcessorIdentity(name, addressPrefix);
    this.monitoring = options.monitoring
      ? new Monitoring(this, "monitoring", { ...shared, addressPrefix, names, writer: identity.functionName })
      : undefined;
    this.queue = this.addQueue(identity, options);
    const environment: HandlerEnvironment = {
      TABLE_NAME: this.table.table.name,
      DEAD_LETTER_QUEUE_URL: this.queue.deadLetterQueue.url,
      EVENT_TTL_DAYS: String(options.eventTtlDays),
      LOG_RECORDS: String(options.logEachRecord),
    };
    this.processor = this.addConsumer(identity, options, this.queue, {
      handlerPath: handlerPath ?? handlerBundle("event-processor"),
      environment: { ...environment },
      statements: [this.table.writeStatement(), this.queue.deadLetterStatement()],
    });

    this.archive = new RawArchive(this, "archive", {
      ...shared,
      addresses,
      bucketName: options.rawBucketName ?? names.rawBucket,
      streamName: names.rawStream,
      streamRoleName: names.rawStreamRole,
      subscriptionRoleName: names.rawSubscriptionRole,
    });
    this.archive.subscribeTo(this.topic, this.undelivered);
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
    const options = subscriberOptions(id, own, this.shared);
    const identity = subscriberIdentity(this.name, this.addressPrefix, id);
    const queue = this.addQueue(identity, options);
    return this.addConsumer(identity, options, queue, { handlerPath, environment, statements });
  }

  private addQueue(identity: ConsumerIdentity, options: ConsumerOptions): EventQueue {
    const { filterPolicy, filterPolicyScope } = options;
    this.monitoring?.watch(identity, options, filterPolicy && filterPolicyScope);
    const queue = new EventQueue(this, `${identity.id}-queue`, {
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
}
