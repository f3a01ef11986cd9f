import { setTimeout as sleep } from "node:timers/promises";
import type { Hop } from "@event-pipeline/event-model/hop";
import { ACCOUNT_ID } from "@event-pipeline/local-aws/account";
import { type Clients, clientsFor } from "@event-pipeline/local-aws/clients";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import { LocalAws } from "@event-pipeline/local-aws/local-aws";
import { StackJson } from "@event-pipeline/terraform-json/stack-json";
import { DeliveryStream } from "./archive/delivery-stream";
import { streamArn } from "./archive/stream-arn";
import { FormerSubscriptions } from "./former-subscriptions";
import { HopTracker, type PublishedMessage } from "./hops/hop-tracker";
import { subscriptionNames } from "./hops/subscription-names";
import { EventSourceMapping } from "./lambda/event-source-mapping";
import { functionOf, warmUp } from "./lambda/function-of";
import type { LambdaFunction } from "./lambda/lambda-function";
import { argumentsNotRun, computedAttributes, createResources, isRun } from "./resource-types/registry";
import type { StackContext } from "./resource-types/resource-type";
import { consumedQueueNames, deadLetterQueueNames } from "./terraform/queue-names";

/** Milliseconds that what is under way gets to finish; what does not is kept on disk, or lost with the memory. */
const FINISHING_MS = 3_000;

export interface LocalPipelineProps {
  readonly stackFolder: string;
  /** What every resource's name starts with; by default what the stack says, else `local`. */
  readonly name: string | undefined;
  readonly port: number;
  readonly dataDir: string | undefined;
  readonly retryDelaySeconds: number;
  readonly archiveIntervalSeconds: number;
  readonly onHop: (hop: Hop) => void;
  readonly onPublished?: ((message: PublishedMessage) => void) | undefined;
  readonly onLog: (functionName: string, line: string) => void;
  readonly onNote: (message: string) => void;
  /** Called when the data folder takes no more. */
  readonly onDiskError: (error: unknown) => never;
}

/** A synthesized stack, running. */
export class LocalPipeline {
  private readonly functions: LambdaFunction[] = [];
  private readonly pollers: (EventSourceMapping | DeliveryStream)[] = [];

  private constructor(
    private readonly props: LocalPipelineProps,
    readonly stack: StackJson,
    readonly aws: LocalAws,
    readonly clients: Clients,
    private readonly hops: HopTracker,
  ) {}

  /** @throws LocalRunError when the stack says something that cannot be run here. */
  static async start(props: LocalPipelineProps): Promise<LocalPipeline> {
    let context: StackContext | undefined;
    const stack = StackJson.read(props.stackFolder, {
      variables: { name: props.name },
      unsetVariables: { name: "local" },
      attributeOf: (block, attribute) => context && computedAttributes(block, context)[attribute],
    });
    let hops: HopTracker;
    const aws = await LocalAws.start({
      port: props.port,
      region: stack.region ?? "us-east-1",
      dataDir: props.dataDir,
      onMessage: (message) => hops.message(message),
      onStored: (item) => hops.stored(item),
      onUndelivered: ({ messageId, subscriptionArn, reason }) =>
        props.onNote(`SNS could not deliver message ${messageId} to the subscription ${subscriptionArn}: ${reason}.`),
      onDiskError: props.onDiskError,
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EADDRINUSE"
        ? new LocalRunError(
            `Port ${props.port} is taken. Stop what runs there, or choose another: npm start -- --port 4567`,
          )
        : error;
    });
    let pipeline: LocalPipeline | undefined;
    try {
      context = { endpoint: aws.endpoint, region: aws.region, accountId: ACCOUNT_ID };
      // Names of queues that stand in ARNs are known from here on.
      hops = new HopTracker({
        emit: props.onHop,
        onPublished: props.onPublished,
        deadLetterQueues: deadLetterQueueNames(stack),
        consumedQueues: consumedQueueNames(stack),
        nameSubscription: subscriptionNames(stack),
      });
      pipeline = new LocalPipeline(props, stack, aws, clientsFor(aws.endpoint, aws.region, aws.insiders), hops);
      await pipeline.startAll();
      return pipeline;
    } catch (error) {
      await (pipeline ?? aws).stop();
      throw error;
    }
  }

  get outputs(): Record<string, unknown> {
    return this.stack.outputs();
  }

  /** Addresses of what the stack has and this run leaves out: whole blocks, and arguments of those that it runs. */
  get notRun(): string[] {
    const ofBlocks = this.stack.blocks.flatMap((block) => (isRun(block) ? argumentsNotRun(block) : [block.address]));
    return [...ofBlocks, ...(this.stack.hasDefaultTags ? ["provider.aws.default_tags"] : [])];
  }

  /** What takes less time here than the stack says, in words. */
  get shortened(): string[] {
    const { retryDelaySeconds, archiveIntervalSeconds } = this.props;
    return [
      `a failed message comes back after ${retryDelaySeconds} s instead of at the end of its visibility timeout (--retry-delay)`,
      `the archive delivers after ${archiveIntervalSeconds} s instead of the stream's buffering interval (--archive-interval)`,
    ];
  }

  /** Process ids of the handlers. */
  get pids(): number[] {
    return this.functions.flatMap(({ pids }) => pids);
  }

  /**
   * Takes no more from others, finishes what is under way, then closes
   * everything. What does not finish in three seconds is left where it is.
   */
  async stop(): Promise<void> {
    this.aws.close();
    const deadline = Date.now() + FINISHING_MS;
    const finished = Promise.all(this.pollers.map((poller) => poller.stop(deadline)));
    await Promise.race([finished, sleep(FINISHING_MS, undefined, { ref: false })]);
    await Promise.all(this.functions.map((fn) => fn.stop()));
    await finished;
    for (const client of Object.values(this.clients)) client.destroy();
    await this.aws.stop();
  }

  private async startAll(): Promise<void> {
    const { stack, clients, aws, props } = this;
    const former = FormerSubscriptions.note(stack, props.dataDir);
    const streams = stack.ofType("aws_kinesis_firehose_delivery_stream");
    // Before the subscriptions, which SNS refuses where there is no such stream.
    for (const block of streams) aws.intakes.open(streamArn(block, aws.region));
    await createResources({ stack, clients, aws });
    await former.remove(clients.sns);
    for (const block of stack.ofType("aws_lambda_event_source_mapping")) {
      const fn = functionOf(block, { stack, aws, onLog: props.onLog });
      this.functions.push(fn);
      aws.functions.add(fn);
      const { retryDelaySeconds } = props;
      const onAttempt = this.hops.attempt.bind(this.hops);
      this.pollers.push(new EventSourceMapping({ block, aws, fn, retryDelaySeconds, onAttempt }));
    }
    for (const block of streams) {
      this.pollers.push(
        new DeliveryStream({
          block,
          intake: aws.intakes.open(streamArn(block, aws.region)),
          s3: clients.s3,
          bufferingIntervalSeconds: props.archiveIntervalSeconds,
          onDelivered: (records, uri) => this.hops.archived(records, uri),
          onError: (error) => props.onNote(`${block.address} could not deliver and will try again: ${error.message}`),
        }),
      );
    }
    await Promise.all(this.functions.map(warmUp));
    for (const poller of this.pollers) poller.start();
    aws.open();
  }
}
