import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Hop } from "@event-pipeline/event-model/hop";
import { LOCAL_RUN_TAGS } from "@event-pipeline/event-model/local-run-tags";
import { ACCOUNT_ID, CREDENTIALS } from "@event-pipeline/local-aws/account";
import { type Clients, clientsFor } from "@event-pipeline/local-aws/clients";
import { RunningClock } from "@event-pipeline/local-aws/clock";
import { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { LoopbackServer } from "@event-pipeline/node-process/listen-on-loopback";
import { SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { HopTracker, type TopicMessage } from "./hops/hop-tracker";
import type { LocalRunOptions } from "./options";
import type { Outputs } from "./outputs";
import { startFunctions } from "./resources/functions";
import {
  computedAttributes,
  createResources,
  ignoredArguments,
  runsLocally,
  type StackLocation,
} from "./resources/resources";
import { StackUpdates } from "./resources/stack-updates";
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

/** Adds the tags for `doctor` to the topics. Not through the API, because a path may be longer than AWS allows for a tag. */
function describeRun(sns: LocalAws["sns"], stack: SynthesizedStack, command: string): void {
  const values = {
    [LOCAL_RUN_TAGS.stackFolder]: resolve(stack.folder),
    [LOCAL_RUN_TAGS.folder]: process.cwd(),
    [LOCAL_RUN_TAGS.command]: command,
  };
  const tags = Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
  for (const topic of stack.ofType("aws_sns_topic")) {
    const { arn, attributes, tags: earlier } = sns.topic(sns.topicArn(String(topic.get("name")))).stored;
    sns.saveTopic(arn, attributes, [...earlier.filter(({ Key = "" }) => !(Key in values)), ...tags]);
  }
}

function locationOf(stack: SynthesizedStack, endpoint: string): StackLocation {
  return { endpoint, region: stack.region ?? "us-east-1", accountId: ACCOUNT_ID };
}

export interface LocalPipelineOptions
  extends Pick<
    LocalRunOptions,
    "dataDir" | "retryDelaySeconds" | "archiveIntervalSeconds" | "clockSpeed" | "delivery"
  > {
  readonly server: LoopbackServer;
  readonly stack: SynthesizedStack;
  /** The command that starts this run again. */
  readonly command: string;
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
  ) {}

  /** @throws LocalRunError when the stack contains something that the local run does not support. */
  static async start(options: LocalPipelineOptions): Promise<LocalPipeline> {
    const { server, stack, dataDir, clockSpeed, delivery, onLog, onNote, onDiskError } = options;
    const { region } = locationOf(stack, server.endpoint);
    const clock = new RunningClock(clockSpeed);
    const observer = new HopTracker(stack, clock, { ...options, onLog, onNote });
    const aws = await LocalAws.start({ server, region, folder: dataDir, clock, delivery, observer, onDiskError });
    // Each run has a new access key, which other clients cannot know.
    const accessKeyId = `local-run-${randomUUID()}`;
    aws.callers.addRole(accessKeyId, "local-run", "local-run");
    const clients = clientsFor(server.endpoint, region, { ...CREDENTIALS, accessKeyId });
    const pipeline = new LocalPipeline(options, aws, clients);
    try {
      const removeStale = dataDir === undefined ? undefined : recordSubscriptions(stack, dataDir);
      await createResources({ stack, clients, aws, archiveIntervalSeconds: options.archiveIntervalSeconds });
      await removeStale?.(clients.sns);
      describeRun(aws.sns, stack, options.command);
      const updates = new StackUpdates(stack, clients, (changed) => observer.useMappingOf(changed), onNote);
      await startFunctions(stack, aws.lambda, updates, options.retryDelaySeconds);
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
  get pids(): readonly number[] {
    return this.aws.lambda.pids;
  }

  /** Rejects new requests, waits up to three seconds for current work, and closes everything. */
  async stop(): Promise<void> {
    await this.aws.stop(STOP_TIMEOUT_MS);
    for (const client of Object.values(this.clients)) client.destroy();
  }
}
