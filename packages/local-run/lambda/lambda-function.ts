import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Credentials } from "@event-pipeline/local-aws/account";
import { NO_AWS_SETTINGS } from "@event-pipeline/node-process/aws-settings";
import type { Block } from "@event-pipeline/terraform-json/stack-json";
import { ExecutionEnvironment } from "./execution-environment";

export interface LambdaFunctionProps {
  /** The `aws_lambda_function`. */
  readonly block: Block;
  /** Folder of the unzipped bundle. */
  readonly taskRoot: string;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Called for each line that the handler writes. */
  readonly onLine: (line: string) => void;
}

/** A function of the stack: a process for each invocation under way, kept for the next, as on Lambda. */
export class LambdaFunction {
  readonly name: string;
  private readonly timeoutSeconds: number;
  private readonly environments = new Set<ExecutionEnvironment>();
  /** Those without an invocation; the last to have had one is the first to get the next. */
  private readonly idle: ExecutionEnvironment[] = [];

  constructor(private readonly props: LambdaFunctionProps) {
    this.name = String(props.block.get("function_name"));
    this.timeoutSeconds = Number(props.block.get("timeout") ?? 3);
  }

  get pids(): number[] {
    return [...this.environments].flatMap(({ pid }) => pid ?? []);
  }

  /** Loads the handler before the first event comes. */
  async warmUp(): Promise<void> {
    this.idle.push(await this.startEnvironment());
  }

  /**
   * @param onLine - Called for each line that the handler writes in this invocation, before its end.
   * @throws InvocationError as Lambda would report it.
   */
  async invoke(event: unknown, onLine: (line: string) => void): Promise<unknown> {
    const environment = this.takeIdle() ?? (await this.startEnvironment());
    try {
      return await environment.invoke(randomUUID(), event, this.timeoutSeconds, onLine);
    } finally {
      if (environment.alive) this.idle.push(environment);
      else this.environments.delete(environment);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.environments].map((environment) => environment.stop()));
  }

  private takeIdle(): ExecutionEnvironment | undefined {
    for (let environment = this.idle.pop(); environment; environment = this.idle.pop()) {
      if (environment.alive) return environment;
      this.environments.delete(environment); // Ended by itself, or killed, between two invocations.
    }
    return undefined;
  }

  private async startEnvironment(): Promise<ExecutionEnvironment> {
    const environment = await ExecutionEnvironment.start(this.variables(), this.props.onLine);
    this.environments.add(environment);
    return environment;
  }

  /** What Lambda sets, and what the stack sets; nothing of the host but PATH. */
  private variables(): Record<string, string> {
    const { block, endpoint, region, credentials, taskRoot } = this.props;
    const declared = block.nested("environment").variables as Record<string, string> | undefined;
    return {
      PATH: process.env.PATH ?? "",
      TZ: ":UTC",
      ...NO_AWS_SETTINGS,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL: endpoint,
      AWS_LAMBDA_FUNCTION_NAME: this.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(block.get("memory_size") ?? 128),
      LAMBDA_TASK_ROOT: taskRoot,
      _HANDLER: String(block.get("handler")),
      ...declared,
    };
  }
}

/** The log group that a function's lines go to. */
export function logGroupNameOf(fn: Block): string {
  return String(fn.nested("logging_config").log_group ?? `/aws/lambda/${fn.get("function_name")}`);
}

/** The folder that a function's archive is made of. */
export function taskRootOf(stackFolder: string, archive: Block): string {
  return resolve(stackFolder, String(archive.get("source_dir")));
}
