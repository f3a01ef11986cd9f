/**
 * Everything that can be chosen about a pipeline. Set it for a stage in
 * cdktf.json (`context.stages.<stage>`), or for one command with an environment
 * variable: `eventTtlDays` is EVENT_PIPELINE_EVENT_TTL_DAYS.
 *
 * What each value may be stands in `option-rules.ts`, which synth enforces.
 */
export interface PipelineOptions {
  /**
   * What every resource's name starts with: the default of Terraform's variable
   * `name`, which must then agree with it, and part of the state's key in S3.
   * @default - Terraform asks for it, or takes TF_VAR_name; a `stateBucket` needs it
   */
  readonly name?: string;
  /**
   * AWS region.
   * @default - us-east-1
   */
  readonly region: string;
  /**
   * Days from the receipt of an event until its item expires; 0 keeps items for ever.
   * @default - items expire after 90 days
   */
  readonly eventTtlDays: number;
  /**
   * Most messages in one invocation. Above 10 Lambda wants a batching window.
   * @default - up to 10 messages
   */
  readonly batchSize: number;
  /**
   * Seconds that Lambda waits for a batch to fill. With any window, low traffic
   * may wait up to 20 seconds.
   * @default - 0, no waiting
   */
  readonly batchWindowSeconds: number;
  /**
   * Seconds after which Lambda kills an invocation.
   * @default - 10 seconds
   */
  readonly timeoutSeconds: number;
  /**
   * MiB of memory of a function; CPU comes in proportion. With less than the
   * default the event processor may have no time for the worst batches, and
   * hands them back.
   * @default - 512 MiB
   */
  readonly memorySizeMiB: number;
  /**
   * Most invocations that the queue may have running at once.
   * @default - as many as Lambda scales to
   */
  readonly maxConcurrency?: number;
  /**
   * Invocations that are kept for each function, and the most that it may have;
   * also the most of the queue, unless `maxConcurrency` says less.
   * @default - none are kept; the functions of the account share what there is
   */
  readonly reservedConcurrency?: number;
  /**
   * Receives after which SQS moves a message to the dead-letter queue.
   * @default - 3 receives
   */
  readonly maxReceiveCount: number;
  /**
   * Seconds that a received message is hidden from other receivers.
   * @default - 6 × timeoutSeconds + batchWindowSeconds, the least that Lambda's documentation asks for
   */
  readonly visibilityTimeoutSeconds?: number;
  /**
   * Days that a queue keeps an unprocessed message.
   * @default - 4 days
   */
  readonly queueRetentionDays: number;
  /**
   * Days that a dead-letter queue keeps a message, counted from its first arrival in the queue.
   * @default - 14 days
   */
  readonly deadLetterRetentionDays: number;
  /**
   * Days that logs are kept.
   * @default - 14 days
   */
  readonly logRetentionDays: number;
  /**
   * SNS filter policy of the queue's subscription; the archive gets every event all the same.
   * @default - the queue gets every event
   */
  readonly filterPolicy?: Readonly<Record<string, unknown>>;
  /**
   * What the filter policy looks at.
   * @default - the message's attributes
   */
  readonly filterPolicyScope: "MessageAttributes" | "MessageBody";
  /**
   * Key that encrypts topics, queues, table, stream and bucket: `create` makes
   * one, an ARN names one of your own, whose policy must let SNS and the IAM
   * policies of the account use it. The alarm topic is never under it.
   * @default - keys that AWS owns and rotates, at no cost
   */
  readonly kmsKey?: string;
  /**
   * Whether log groups are under `kmsKey` too. A key that is disabled then
   * takes the logs with it, just when they are needed.
   * @default - CloudWatch encrypts logs with a key of its own
   */
  readonly encryptLogs: boolean;
  /**
   * Ids of other accounts whose identities may publish, as far as their own policies go.
   * @default - identities of the pipeline's account alone
   */
  readonly publisherAccounts?: readonly string[];
  /**
   * Id of the organization of AWS whose accounts may publish, in the same way.
   * @default - none
   */
  readonly publisherOrganization?: string;
  /**
   * Services of AWS that may publish on behalf of the pipeline's account, such
   * as `s3.amazonaws.com`; they have to name it in `aws:SourceAccount`.
   * @default - none
   */
  readonly publisherServices?: readonly string[];
  /**
   * E-mail address that alarms go to; AWS asks it for confirmation.
   * @default - alarms go to the alarm topic, without an address
   */
  readonly alarmEmail?: string;
  /**
   * ARN of an existing SNS topic for alarms.
   * @default - a topic `{name}-events-alarms` is made
   */
  readonly alarmTopicArn?: string;
  /**
   * Seconds that an event may wait in a queue before an alarm tells of it. What
   * failed once waits for the visibility timeout, so more than that is calmer.
   * @default - 300 seconds
   */
  readonly oldestMessageAlarmSeconds: number;
  /**
   * Whether an alarm also tells when it is over. Each alarm of a new pipeline
   * would then tell once that all is well.
   * @default - it does not
   */
  readonly okActions: boolean;
  /**
   * Whether alarms and dashboard are made.
   * @default - they are
   */
  readonly monitoring: boolean;
  /**
   * Whether X-Ray traces the way from the topic to the function.
   * @default - it does not
   */
  readonly tracing: boolean;
  /**
   * Whether `tracing` also makes the X-Ray resource policy by which SNS may send
   * its traces. X-Ray allows five of them in an account and region: leave it out
   * where a policy of the account covers the topic.
   * @default - it does
   */
  readonly tracingPolicy: boolean;
  /**
   * Whether stored events outlive the stack: true protects the table from
   * deletion and makes `cdktf destroy` refuse the bucket; false lets it remove
   * everything, for a sandbox.
   * @default - events are kept
   */
  readonly retainData: boolean;
  /**
   * Name of the archive's bucket, which no other bucket in the world may have.
   * Another name replaces the bucket.
   * @default - `{name}-events-raw`
   */
  readonly rawBucketName?: string;
  /**
   * Days after which an archived object moves to the class STANDARD_IA; 0 for never.
   * @default - 30 days
   */
  readonly archiveStandardIaDays: number;
  /**
   * Days after which an archived object moves to the class GLACIER, from which
   * it has to be restored before it can be read; 0 for never.
   * @default - 90 days
   */
  readonly archiveGlacierDays: number;
  /**
   * Days after which an archived object is deleted; 0 for never. What was
   * overwritten or deleted by hand is kept for 30 days more.
   * @default - archived objects are kept
   */
  readonly archiveExpiryDays: number;
  /**
   * Tags of everything that can have some.
   * @default - none, but for the guide's `Project` and `Owner` on the topic
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Path of the names of all roles.
   * @default - `/`
   */
  readonly rolePath?: string;
  /**
   * ARN of the policy beyond which no role of the pipeline may do anything.
   * @default - none
   */
  readonly permissionsBoundary?: string;
  /**
   * ARN of the role that Terraform makes everything as.
   * @default - the credentials that Terraform is run with
   */
  readonly assumeRoleArn?: string;
  /**
   * Ids of the only accounts that Terraform may change.
   * @default - whatever account the credentials are of
   */
  readonly allowedAccountIds?: readonly string[];
  /**
   * S3 bucket for Terraform's state, with a lock file.
   * @default - a local file at the project's root
   */
  readonly stateBucket?: string;
  /**
   * Region of `stateBucket`.
   * @default - the pipeline's region
   */
  readonly stateRegion?: string;
}

export const DEFAULT_OPTIONS: PipelineOptions = {
  region: "us-east-1",
  eventTtlDays: 90,
  batchSize: 10,
  batchWindowSeconds: 0,
  timeoutSeconds: 10,
  memorySizeMiB: 512,
  maxReceiveCount: 3,
  queueRetentionDays: 4,
  deadLetterRetentionDays: 14,
  logRetentionDays: 14,
  filterPolicyScope: "MessageAttributes",
  encryptLogs: false,
  oldestMessageAlarmSeconds: 300,
  okActions: false,
  archiveStandardIaDays: 30,
  archiveGlacierDays: 90,
  archiveExpiryDays: 0,
  monitoring: true,
  tracing: false,
  tracingPolicy: true,
  retainData: true,
};

/** Whether an event may wait in the queues for longer than its item is kept: the time to live counts from its publication. */
export function mayStoreExpired(options: PipelineOptions): boolean {
  const { eventTtlDays, queueRetentionDays, deadLetterRetentionDays } = options;
  return eventTtlDays > 0 && eventTtlDays <= queueRetentionDays + deadLetterRetentionDays;
}

/** A queue that asked for more than its function may have would have its messages throttled, which costs each a receive. */
export function maxConcurrency(options: PipelineOptions): number | undefined {
  return options.maxConcurrency ?? options.reservedConcurrency;
}

/** 6 × timeout lets Lambda retry throttled invocations before a message reappears. */
export function visibilityTimeoutSeconds(options: PipelineOptions): number {
  return options.visibilityTimeoutSeconds ?? leastVisibilityTimeoutSeconds(options);
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export function leastVisibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }: PipelineOptions): number {
  return 6 * timeoutSeconds + batchWindowSeconds;
}
