import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { Annotations } from "cdktf";
import { Construct } from "constructs";
import type { HandlerEnvironment } from "../contract/handler-environment";
import { pipelineNames } from "../contract/resource-names";
import { DeliveryStatusLogs } from "./constructs/delivery-status-logs";
import { EncryptionKey, keepFormerKey } from "./constructs/encryption-key";
import { EventProcessor } from "./constructs/event-processor";
import { EventQueue } from "./constructs/event-queue";
import { EventTable } from "./constructs/event-table";
import { EventTopic } from "./constructs/event-topic";
import { Monitoring } from "./constructs/monitoring/monitoring";
import { RawArchive } from "./constructs/raw-archive";
import { UndeliveredQueue } from "./constructs/undelivered-queue";
import { type ConsumerIdentity, eventProcessorIdentity, subscriberIdentity } from "./consumer-identity";
import type { PipelineOptions } from "./options/pipeline-options";
import { mayStoreExpired } from "./options/retention";
import { type OwnOptions, subscriberIdProblem, subscriberOptions } from "./options/subscribers";
import type { PolicyStatement } from "./policy-document";
import { pinned } from "./terraform-address";

export interface EventPipelineProps {
  /** The `{name}` that every resource's name starts with: a literal or a token. */
  readonly name: string;
  readonly options: PipelineOptions;
  /** Folder of the bundled handler, relative to the folder that Terraform runs in. */
  readonly handlerPath: string;
}

export interface QueueSubscriberProps extends OwnOptions {
  /** Folder of the bundled handler, relative to the folder that Terraform runs in. */
  readonly handlerPath: string;
  /**
   * Environment variables of the handler.
   * @default - none but Lambda's own
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * What the handler itself calls.
   * @default - nothing; it may consume its queue and write logs
   */
  readonly statements?: readonly PolicyStatement[];
}

/** The diagram: topic → queue → function → table, and topic → stream → bucket. */
export class EventPipeline extends Construct {
  readonly topic: EventTopic;
  readonly undelivered: UndeliveredQueue;
  readonly table: EventTable;
  readonly queue: EventQueue;
  readonly processor: EventProcessor;
  readonly archive: RawArchive;
  private readonly kmsKeyArn: string | undefined;
  private readonly monitoring: Monitoring | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventPipelineProps,
  ) {
    super(scope, id);
    const { name, options } = props;
    const names = pipelineNames(name);
    const { accountId } = pinned(new DataAwsCallerIdentity(this, "account"), "current");
    const { kmsKey, retainData, tracing, tracingPolicy, monitoring } = options;
    const key =
      kmsKey === "create"
        ? new EncryptionKey(this, "key", {
            alias: names.key,
            accountId,
            retain: retainData,
            publishers: options,
            logsRegion: options.encryptLogs ? options.region : undefined,
          }).key
        : undefined;
    if (!key) keepFormerKey(this);
    const kmsKeyArn = key?.arn ?? kmsKey;
    this.kmsKeyArn = kmsKeyArn;
    if (mayStoreExpired(options)) {
      Annotations.of(this).addWarning(
        `eventTtlDays is ${options.eventTtlDays}, and queue and dead-letter queue keep messages for ${options.queueRetentionDays} + ${options.deadLetterRetentionDays} days: an event that is redriven late is stored expired, and soon deleted. The metric EventsExpired counts them.`,
      );
    }

    const deliveryStatusLogs = options.deliveryStatusLogging
      ? new DeliveryStatusLogs(this, "delivery-status", {
          topicName: names.topic,
          roleName: names.deliveryStatusRole,
          region: options.region,
          accountId,
          sampleRatePercent: options.deliveryStatusSampleRatePercent,
          logRetentionDays: options.logRetentionDays,
          logsKmsKeyArn: options.encryptLogs ? kmsKeyArn : undefined,
          rolePath: options.rolePath,
          permissionsBoundary: options.permissionsBoundary,
        })
      : undefined;
    this.topic = new EventTopic(this, "topic", {
      topicName: names.topic,
      publishers: options,
      // The guide's two, for who has no others.
      tags: options.tags ? undefined : { Project: "onboarding", Owner: name },
      accountId,
      kmsKeyArn,
      tracing,
      tracingPolicy,
      deliveryStatusLogs,
    });
    this.undelivered = new UndeliveredQueue(this, "undelivered", {
      queueName: names.undeliveredQueue,
      topic: this.topic.topic,
      retentionDays: options.deadLetterRetentionDays,
      kmsKeyArn,
    });
    this.table = new EventTable(this, "table", {
      tableName: names.table,
      deletionProtection: retainData,
      idIndex: options.idIndex,
      kmsKeyArn,
    });

    const identity = eventProcessorIdentity(name);
    if (monitoring) {
      const writer = identity.functionName;
      this.monitoring = new Monitoring(this, "monitoring", { names, options, accountId, writer });
    }
    this.queue = this.addQueue(identity, options, options);
    const environment: HandlerEnvironment = {
      TABLE_NAME: this.table.table.name,
      DEAD_LETTER_QUEUE_URL: this.queue.deadLetterQueue.url,
      EVENT_TTL_DAYS: String(options.eventTtlDays),
      LOG_RECORDS: String(options.logRecords),
    };
    this.processor = this.addProcessor(identity, options, this.queue, {
      handlerPath: props.handlerPath,
      environment: { ...environment },
      statements: [this.table.writeStatement(), this.queue.deadLetterStatement()],
    });

    this.archive = new RawArchive(this, "archive", { names, options, kmsKeyArn });
    this.archive.subscribeTo(this.topic, this.undelivered);
  }

  /**
   * Gives the topic one more consumer: `{name}-<id>-queue` with its dead-letter
   * queue, `{name}-<id>-processor` and their alarms, with the options of the pipeline
   * but for those that it has its own of.
   *
   * @param id - 2 to 12 lowercase letters and digits.
   * @throws Error when the id is another, or one that names and addresses of the pipeline have.
   * @throws InvalidOptionsError naming each of its options that AWS would refuse.
   */
  addQueueSubscriber(id: string, props: QueueSubscriberProps): EventProcessor {
    const problem = subscriberIdProblem(id);
    if (problem !== undefined) throw new Error(problem);
    const identity = subscriberIdentity(this.props.name, id);
    const { handlerPath, environment = {}, statements = [], ...own } = props;
    const options = { ...this.props.options, ...subscriberOptions(id, own, this.props.options) };
    const queue = this.addQueue(identity, options, options);
    return this.addProcessor(identity, options, queue, { handlerPath, environment, statements });
  }

  private addQueue(
    identity: ConsumerIdentity,
    options: PipelineOptions,
    filter: {
      readonly filterPolicy?: PipelineOptions["filterPolicy"];
      readonly filterPolicyScope: PipelineOptions["filterPolicyScope"];
    },
  ): EventQueue {
    const { kmsKeyArn, undelivered } = this;
    this.monitoring?.watch(identity, options, filter.filterPolicy && filter.filterPolicyScope);
    const queue = new EventQueue(this, `${identity.id}-queue`, { identity, options, kmsKeyArn });
    queue.subscribeTo(this.topic, {
      undelivered,
      filterPolicy: filter.filterPolicy,
      filterPolicyScope: filter.filterPolicyScope,
    });
    return queue;
  }

  private addProcessor(
    identity: ConsumerIdentity,
    options: PipelineOptions,
    queue: EventQueue,
    { handlerPath, environment = {}, statements = [] }: QueueSubscriberProps,
  ): EventProcessor {
    const { kmsKeyArn } = this;
    return new EventProcessor(this, `${identity.id}-processor`, {
      identity,
      options,
      queue,
      handlerPath,
      environment,
      statements,
      kmsKeyArn,
    });
  }
}
