import { setTimeout as sleep } from "node:timers/promises";
import type { Hop } from "@event-pipeline/event-model/hop";
import { ACCOUNT_ID } from "@event-pipeline/local-aws/account";
import { type Clients, clientsFor } from "@event-pipeline/local-aws/clients";
import { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { LoopbackServer } from "@event-pipeline/node-process/listen-on-loopback";
import { SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { DeliveryStream } from "./delivery-stream";
import { HopTracker, type TopicMessage } from "./hops/hop-tracker";
import { EventSourceMapping } from "./lambda/event-source-mapping";
import { LambdaFunction } from "./lambda/lambda-function";
import type { LocalRunOptions } from "./options";
import type { Outputs } from "./outputs";
import {
  computedAttributes,
  createResources,
  ignoredArguments,
  runsLocally,
  type StackLocation,
} from "./resources/resources";
import { recordSubscriptions } from "./stale-subscriptions";

/** Milliseconds that `stop` waits for current work. Unfinished work stays in the data folder, or is lost without one. */
const STOP_TIMEOUT_MS = 3_000;

/**
 * Reads a synthesized stack. Its references resolve to the local run's resources at the endpoint.
 *
 * @param name - Prefix of every resource's name. @default - the stack's own, or `local`
 * @throws SynthesizedStackError when the stack is missing or cannot be read.
 */
export function readStack(folder: string, name: string | undefined, endpoint: string): SynthesizedStack {
  const stack: SynthesizedStack = SynthesizedStack.read(folder, {
    variables: { name },
    unsetVariables: { name: "local" },
    attributeOf: (block, attribute) => computedAttributes(block, locationOf(stack, endpoint))[attribute],
  });
  return stack;
}

function locationOf(stack: SynthesizedStack, endpoint: string): StackLocation {
  return { endpoint, region: stack.region ?? "us-east-1", accountId: ACCOUNT_ID };
}

export interface LocalPipelineOptions
  extends Pick<LocalRunOptions, "dataDir" | "retryDelaySeconds" | "archiveIntervalSeconds"> {
  readonly server: LoopbackServer;
  readonly stack: SynthesizedStack;
  readonly onHop: (hop: Hop) => void;
  readonly onPublished: (message: TopicMessage) => void;
  readonly onLog: (functionName: string, line: string) => void;
  readonly onNote: (message: string) => void;
  /** Called when the data folder cannot be written to. */
  readonly onDiskError: (error: unknown) => never;
}

/** A synthesized stack that is running. */
export class LocalPipeline {
  private constructor(
    private readonly options: LocalPipelineOptions,
    readonly aws: LocalAws,
    readonly clients: Clients,
    private readonly functions: readonly LambdaFunction[],
    private readonly pollers: readonly (EventSourceMapping | DeliveryStream)[],
  ) {}

  /** @throws LocalRunError when the stack contains something that the local run does not support. */
  static async start(options: LocalPipelineOptions): Promise<LocalPipeline> {
    const { server, stack, dataDir, onLog, onNote } = options;
    const location = locationOf(stack, server.endpoint);
    const { region } = location;
    const hops = new HopTracker(stack, options.onHop, options.onPublished);
    const aws = await LocalAws.start({
      server,
      region,
      dataDir,
      onMessage: (message) => hops.message(message),
      onStored: (item) => hops.stored(item),
      onUndelivered: ({ messageId, subscriptionArn, reason }) =>
        onNote(`SNS could not deliver message ${messageId} to the subscription ${subscriptionArn}: ${reason}.`),
      onDiskError: options.onDiskError,
    });
    const clients = clientsFor(server.endpoint, region, aws.internalCredentials);
    const functions: LambdaFunction[] = [];
    const pollers: (EventSourceMapping | DeliveryStream)[] = [];
    const pipeline = new LocalPipeline(options, aws, clients, functions, pollers);
    try {
      for (const block of stack.ofType("aws_kinesis_firehose_delivery_stream")) {
        pollers.push(
          new DeliveryStream({
            block,
            buffer: aws.deliveryBuffers.open(String(computedAttributes(block, location).arn)),
            s3: clients.s3,
            bufferingIntervalSeconds: options.archiveIntervalSeconds,
            onDelivered: (records, uri) => hops.archived(records, uri),
            onError: (error) => onNote(`${block.address} could not deliver and will retry: ${error.message}`),
          }),
        );
      }
      const removeStale = dataDir === undefined ? undefined : recordSubscriptions(stack, dataDir);
      await createResources({ stack, clients, aws });
      await removeStale?.(clients.sns);
      for (const block of stack.ofType("aws_lambda_event_source_mapping")) {
        const fn = new LambdaFunction(block, { stack, aws, onLog });
        functions.push(fn);
        aws.functions.set(fn.name, fn);
        const { retryDelaySeconds } = options;
        const onAttempt = hops.attempt.bind(hops);
        pollers.push(new EventSourceMapping({ block, aws, fn, retryDelaySeconds, onAttempt }));
      }
      await Promise.all(functions.map((fn) => fn.warmUp()));
      for (const poller of pollers) poller.start();
      aws.open();
      return pipeline;
    } catch (error) {
      await pipeline.stop();
      throw error;
    }
  }

  get outputs(): Outputs {
    return this.options.stack.outputs();
  }

  /** Addresses of the blocks that do not run locally, and of the arguments that the local run ignores. */
  get notRun(): string[] {
    const { blocks, hasDefaultTags } = this.options.stack;
    const ofBlocks = blocks.flatMap((block) => (runsLocally(block) ? ignoredArguments(block) : [block.address]));
    return [...ofBlocks, ...(hasDefaultTags ? ["provider.aws.default_tags"] : [])];
  }

  /** Descriptions of the delays that are shorter than on AWS. */
  get shortened(): string[] {
    const { retryDelaySeconds, archiveIntervalSeconds } = this.options;
    return [
      `a failed message is retried after ${retryDelaySeconds} s, not after its visibility timeout (--retry-delay)`,
      `the archive is written every ${archiveIntervalSeconds} s, not at the stream's buffering interval (--archive-interval)`,
    ];
  }

  /** Process IDs of the handlers. */
  get pids(): number[] {
    return this.functions.flatMap(({ pids }) => pids);
  }

  /** Rejects new requests, waits up to three seconds for current work, and closes everything. */
  async stop(): Promise<void> {
    this.aws.close();
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    const finished = Promise.all(this.pollers.map((poller) => poller.stop(deadline)));
    await Promise.race([finished, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    await Promise.all(this.functions.map((fn) => fn.stop()));
    await finished;
    for (const client of Object.values(this.clients)) client.destroy();
    await this.aws.stop();
  }
}
