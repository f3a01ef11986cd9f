import { isAbsolute } from "node:path";
import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { hashOf, moduleSource, setToJson } from "@event-pipeline/contracts/contract-set";
import type { HandlerEnvironment } from "@event-pipeline/event-model/handler-environment";
import { pipelineNames } from "@event-pipeline/event-model/resource-names";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import {
  addressPrefixOf,
  type ConsumerIdentity,
  eventProcessorIdentity,
  pipelineAddresses,
  subscriberIdentity,
} from "./addresses";
import { DeliveryStatusLogs } from "./constructs/delivery-status-logs";
import { DeploymentGuard } from "./constructs/deployment-guard";
import { encryptionKeyArn } from "./constructs/encryption-key";
import { EventQueue } from "./constructs/event-queue";
import { EventTable } from "./constructs/event-table";
import { EventTopic } from "./constructs/event-topic";
import { KeyAccess } from "./constructs/key-access";
import { Monitoring } from "./constructs/monitoring/monitoring";
import { QueueConsumer } from "./constructs/queue-consumer";
import { RawArchive } from "./constructs/raw-archive";
import type { BaseProps, SharedProps } from "./constructs/shared-props";
import { UndeliveredQueue } from "./constructs/undelivered-queue";
import { type EventPipelineProps, type QueueSubscriberProps, validateOwnProps } from "./event-pipeline-props";
import { contractsIn } from "./events-folder";
import { handlerBundle } from "./handler-bundle";
import { validateAwsLimits } from "./limits/validate-aws-limits";
import { subscriberIdProblems, subscriberOptions } from "./options/subscribers";
import { throwIfAny, validatePipelineOptions } from "./options/validate-options";
import { warnAboutOptions } from "./synth-warnings";
import { addBlock, forbidSharedAddresses } from "./terraform";
import { forbidSharedName } from "./unique-name";

/** The file that the event processor loads. */
const CONTRACTS_FILE = "contracts.mjs";

/**
 * The pipeline: topic → queue → function → table, and topic → stream → bucket. The stack needs the AWS provider and the
 * archive provider.
 *
 * @example
 * new AwsProvider(stack, "aws", { region: "eu-central-1" });
 * new ArchiveProvider(stack, "archive");
 * const pipeline = new EventPipeline(stack, "orders", { name: "orders", region: "eu-central-1", batchSize: 5 });
 * new TerraformOutput(stack, "topic_arn", { value: pipeline.topic.topic.arn });
 */
export class EventPipeline extends Construct {
  readonly topic: EventTopic;
  readonly undelivered: UndeliveredQueue;
  readonly table: EventTable;
  readonly queue: EventQueue;
  readonly processor: QueueConsumer;
  readonly archive: RawArchive;
  private readonly shared: SharedProps;
  private readonly monitoring: Monitoring | undefined;

  /** @throws InvalidOptionsError naming each invalid prop, its value and what is allowed. */
  constructor(scope: Construct, id: string, props: EventPipelineProps) {
    super(scope, id);
    const { name, topicTags, handlerPath, eventsFolder, addressPrefix = addressPrefixOf(id), ...given } = props;
    validateOwnProps({ name, topicTags, handlerPath, eventsFolder, addressPrefix });
    const options = validatePipelineOptions(given);
    const contracts = contractsIn(eventsFolder, options.strictTypes);
    const bundle = handlerPath ?? handlerBundle("event-processor");
    if (contracts && !isAbsolute(bundle)) {
      throwIfAny([`handlerPath: expected an absolute path together with eventsFolder, not ${JSON.stringify(bundle)}`]);
    }
    forbidSharedAddresses(TerraformStack.of(this));
    validateAwsLimits(this, options.region);
    warnAboutOptions(this, options);
    const { accountId } = addBlock(this, DataAwsCallerIdentity, "account", `${addressPrefix}current`, {});
    const base: BaseProps = {
      ...options,
      accountId,
      names: pipelineNames(name),
      addresses: pipelineAddresses(addressPrefix),
      addressPrefix,
    };
    new DeploymentGuard(this, "deployment", base);
    const kmsKeyArn = encryptionKeyArn(this, base);
    const keyArns = [...(kmsKeyArn === undefined ? [] : [kmsKeyArn]), ...(options.formerKmsKeys ?? [])];
    const keyAccess = new KeyAccess([...new Set(keyArns)], options.region);
    const shared = { ...base, kmsKeyArn, keyAccess, logsKmsKeyArn: options.encryptLogs ? kmsKeyArn : undefined };
    this.shared = shared;

    this.topic = new EventTopic(this, "topic", {
      ...shared,
      tags: topicTags,
      deliveryStatusLogs: options.deliveryStatusLogging
        ? new DeliveryStatusLogs(this, "delivery-status", shared)
        : undefined,
    });
    forbidSharedName({ scope: this, name, topic: this.topic.topic });
    this.undelivered = new UndeliveredQueue(this, "undelivered", { ...shared, topic: this.topic.topic });
    this.table = new EventTable(this, "table", shared);
    this.monitoring = options.monitoring ? new Monitoring(this, "monitoring", shared) : undefined;

    const identity = eventProcessorIdentity(name, addressPrefix);
    this.queue = this.addQueue(identity, shared);
    const environment: HandlerEnvironment = {
      TABLE_NAME: this.table.table.name,
      DEAD_LETTER_QUEUE_URL: this.queue.deadLetterQueue.url,
      EVENT_TTL_DAYS: String(options.eventTtlDays),
      LOG_RECORDS: String(options.logEachRecord),
      ...(contracts && { CONTRACTS_HASH: hashOf(contracts) }),
    };
    this.processor = new QueueConsumer(this, "events-processor", {
      ...shared,
      identity,
      queue: this.queue,
      handlerPath: bundle,
      files: contracts && { [CONTRACTS_FILE]: moduleSource(contracts) },
      environment: { ...environment },
      statements: [this.table.writeStatement(), this.queue.deadLetterStatement()],
    });

    this.archive = new RawArchive(this, "archive", {
      ...shared,
      contractsJson: contracts && setToJson(contracts),
    });
    this.archive.subscribeTo(this.topic, this.undelivered);
  }

  /**
   * Subscribes a new consumer to the topic: the queue `{name}-<id>-queue` with its dead-letter queue, the function
   * `{name}-<id>-processor` and their alarms. The consumer inherits the pipeline's options, except the filter policy
   * and those in `props`.
   *
   * @param id - 2 to 12 lowercase letters and digits, such as `alerts`. It must not start with a digit.
   * @throws InvalidOptionsError naming an invalid or reserved ID and each invalid option.
   * @example
   * pipeline.addQueueSubscriber("alerts", {
   *   handlerPath: handlerBundle("alert-log"),
   *   filterPolicy: { severity: ["high", "critical"] },
   *   maxReceiveCount: 10,
   * });
   */
  addQueueSubscriber(id: string, props: QueueSubscriberProps): QueueConsumer {
    throwIfAny(subscriberIdProblems(id));
    const { handlerPath, environment, statements, ...own } = props;
    const options = { ...this.shared, ...subscriberOptions(id, own, this.shared) };
    const identity = subscriberIdentity(this.shared.names.pipeline, this.shared.addressPrefix, id);
    const queue = this.addQueue(identity, options);
    const handler = { handlerPath, environment, statements };
    return new QueueConsumer(this, `${id}-processor`, { ...options, ...handler, identity, queue });
  }

  private addQueue(identity: ConsumerIdentity, options: SharedProps): EventQueue {
    this.monitoring?.watch(identity, options);
    const queue = new EventQueue(this, `${identity.id}-queue`, { ...options, identity });
    queue.subscribeTo(this.topic, this.undelivered);
    return queue;
  }
}
