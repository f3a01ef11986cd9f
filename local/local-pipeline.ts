import { DeliveryStream } from "./archive/delivery-stream";
import { intakeQueueName, queueArn } from "./archive/intake-queue";
import { ACCOUNT_ID } from "./aws/account";
import { LocalAws } from "./aws/local-aws";
import { LocalRunError } from "./errors";
import type { Hop } from "./hops/hop";
import { HopTracker } from "./hops/hop-tracker";
import { EventSourceMapping } from "./lambda/event-source-mapping";
import { LambdaFunction, taskRootOf } from "./lambda/lambda-function";
import { type Clients, clientsFor, createResources, isRun } from "./resources";
import { consumedQueueNames, deadLetterQueueNames } from "./terraform/queue-names";
import { type Block, StackJson } from "./terraform/stack-json";

export interface LocalPipelineProps {
  readonly stackFolder: string;
  readonly name: string;
  readonly port: number;
  readonly dataDir: string | undefined;
  readonly retryDelaySeconds: number;
  readonly archiveIntervalSeconds: number;
  readonly onHop: (hop: Hop) => void;
  readonly onLog: (functionName: string, line: string) => void;
  readonly onNote: (message: string) => void;
}

/** A synthesized stack, running. */
export class LocalPipeline {
  private readonly functions: LambdaFunction[] = [];
  private readonly pollers: (EventSourceMapping | DeliveryStream)[] = [];

  private constructor(
    private readonly props: LocalPipelineProps,
    private readonly stack: StackJson,
    readonly aws: LocalAws,
    readonly clients: Clients,
    private readonly hops: HopTracker,
  ) {}

  /** @throws LocalRunError when the stack says something that cannot be run here. */
  static async start(props: LocalPipelineProps): Promise<LocalPipeline> {
    const stack = StackJson.read(props.stackFolder, { name: props.name });
    const aws = await LocalAws.start({
      port: props.port,
      region: stack.region,
      dataDir: props.dataDir,
      onMessage: (message) => hops.message(message),
      onStored: (item) => hops.stored(item),
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EADDRINUSE"
        ? new LocalRunError(
            `Port ${props.port} is taken. Stop what runs there, or choose another: npm start -- --port 4567`,
          )
        : error;
    });
    stack.placeIn({ endpoint: aws.endpoint, region: aws.region, accountId: ACCOUNT_ID });
    // Names of queues that stand in ARNs are known from here on.
    const hops = new HopTracker(props.onHop, deadLetterQueueNames(stack), consumedQueueNames(stack));
    const pipeline = new LocalPipeline(props, stack, aws, clientsFor(aws.endpoint, aws.region), hops);
    try {
      await pipeline.startAll();
    } catch (error) {
      await pipeline.stop();
      throw error;
    }
    return pipeline;
  }

  get outputs(): Record<string, unknown> {
    return this.stack.outputs();
  }

  /** Addresses of what the stack has and this run leaves out. */
  get notRun(): string[] {
    return this.stack.blocks.filter((block) => !isRun(block)).map(({ address }) => address);
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

  /** Finishes what is under way, then closes everything. */
  async stop(): Promise<void> {
    await Promise.all(this.pollers.map((poller) => poller.stop()));
    await Promise.all(this.functions.map((fn) => fn.stop()));
    for (const client of Object.values(this.clients)) client.destroy();
    await this.aws.stop();
  }

  private async startAll(): Promise<void> {
    const { stack, clients, aws, props } = this;
    await createResources(stack, clients);
    for (const block of stack.ofType("aws_lambda_event_source_mapping")) {
      const fn = this.functionOf(block);
      this.functions.push(fn);
      const { retryDelaySeconds } = props;
      const onAttempt = this.hops.attempt.bind(this.hops);
      this.pollers.push(new EventSourceMapping({ block, aws, fn, retryDelaySeconds, onAttempt }));
    }
    for (const block of stack.ofType("aws_kinesis_firehose_delivery_stream")) {
      this.pollers.push(
        new DeliveryStream({
          block,
          aws,
          s3: clients.s3,
          intakeArn: queueArn(intakeQueueName(block), aws.region),
          bufferingIntervalSeconds: props.archiveIntervalSeconds,
          onDelivered: (records, uri) => this.hops.archived(records, uri),
          onError: (error) => props.onNote(`${block.address} could not deliver and will try again: ${error.message}`),
        }),
      );
    }
    await Promise.all(this.functions.map(warmUp));
    for (const poller of this.pollers) poller.start();
  }

  private functionOf(mapping: Block): LambdaFunction {
    const { stack, aws, props } = this;
    const functionName = String(mapping.get("function_name"));
    const block = stack
      .ofType("aws_lambda_function")
      .find((candidate) => candidate.get("function_name") === functionName);
    if (!block) throw new LocalRunError(`${mapping.address} invokes ${functionName}, which the stack does not have.`);
    const archive = stack
      .ofType("archive_file")
      .find((candidate) => candidate.get("output_path") === block.get("filename"));
    if (!archive)
      throw new LocalRunError(`${block.address} runs ${block.get("filename")}, which no archive_file makes.`);
    return new LambdaFunction({
      block,
      taskRoot: taskRootOf(stack.folder, archive),
      endpoint: aws.endpoint,
      region: aws.region,
      onLine: (line) => props.onLog(functionName, line),
    });
  }
}

async function warmUp(fn: LambdaFunction): Promise<void> {
  await fn.warmUp().catch((cause: Error) => {
    throw new LocalRunError(`The handler of ${fn.name} cannot be loaded: ${cause.message}`, { cause });
  });
}
