import { Construct } from "constructs";
import { EventProcessor } from "./constructs/event-processor";
import { EventQueue } from "./constructs/event-queue";
import { EventTable } from "./constructs/event-table";
import { EventTopic } from "./constructs/event-topic";
import { RawArchive } from "./constructs/raw-archive";
import { pipelineNames } from "./names";

export interface EventPipelineProps {
  /** The `{name}` that every resource's name starts with: a literal or a token. */
  readonly name: string;
  /** Folder of the bundled handler, relative to the folder that Terraform runs in. */
  readonly handlerFolder: string;
}

/** Seconds. Visibility is derived from it, see below. */
const TIMEOUT_SECONDS = 10;
const DAY_SECONDS = 86_400;

/** The diagram: topic → queue → function → table, and topic → stream → bucket. */
export class EventPipeline extends Construct {
  readonly topic: EventTopic;
  readonly queue: EventQueue;
  readonly table: EventTable;
  readonly processor: EventProcessor;
  readonly archive: RawArchive;

  constructor(scope: Construct, id: string, props: EventPipelineProps) {
    super(scope, id);
    const names = pipelineNames(props.name);

    this.topic = new EventTopic(this, "topic", { topicName: names.topic, owner: props.name });

    this.queue = new EventQueue(this, "queue", {
      queueName: names.queue,
      deadLetterQueueName: names.deadLetterQueue,
      visibilityTimeoutSeconds: 6 * TIMEOUT_SECONDS,
      maxReceiveCount: 3,
      deadLetterRetentionSeconds: 14 * DAY_SECONDS,
    });
    this.queue.subscribeTo(this.topic);

    this.table = new EventTable(this, "table", { tableName: names.table });

    this.processor = new EventProcessor(this, "processor", {
      functionName: names.processor,
      queue: this.queue,
      table: this.table,
      handlerFolder: props.handlerFolder,
      timeoutSeconds: TIMEOUT_SECONDS,
      memorySizeMiB: 256,
      batchSize: 10,
      eventTtlDays: 90,
      logRetentionDays: 14,
    });

    this.archive = new RawArchive(this, "archive", {
      bucketName: names.rawBucket,
      streamName: names.rawStream,
      streamRoleName: names.rawStreamRole,
      subscriptionRoleName: names.rawSubscriptionRole,
    });
    this.archive.subscribeTo(this.topic);
  }
}
