import { resolve } from "node:path";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { LocalAws } from "@event-pipeline/local-aws/local-aws";
import { NO_AWS_SETTINGS } from "@event-pipeline/node-process/aws-settings";
import type { Block, SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { ExecutionEnvironment } from "./execution-environment";

interface LambdaFunctionOptions {
  readonly stack: SynthesizedStack;
  readonly aws: LocalAws;
  /** Called with each line that the handler logs. */
  readonly onLog: (functionName: string, line: string) => void;
}

/** A Lambda function of the stack. As on AWS, each concurrent invocation has its own process, which is reused. */
export class LambdaFunction {
  readonly name: string;
  private readonly timeoutSeconds: number;
  /** Environment variables that Lambda and the stack set. Only PATH comes from the host. */
  private readonly variables: Readonly<Record<string, string>>;
  private readonly onLine: (line: string) => void;
  private readonly environments = new Set<ExecutionEnvironment>();
  /** Environments without an invocation. The most recently used environment gets the next invocation. */
  private readonly idle: ExecutionEnvironment[] = [];

  /**
   * @param mapping - The `aws_lambda_event_source_mapping` that invokes the function.
   * @throws LocalRunError when the function or its archive is not in the stack.
   */
  constructor(mapping: Block, { stack, aws, onLog }: LambdaFunctionOptions) {
    const name = String(mapping.get("function_name"));
    const block = stack.ofType("aws_lambda_function").find((candidate) => candidate.get("function_name") === name);
    if (!block) throw new LocalRunError(`${mapping.address} invokes ${name}, which is not in the stack.`);
    const file = block.get("filename");
    const archive = stack.ofType("archive_file").find((candidate) => candidate.get("output_path") === file);
    if (!archive) throw new LocalRunError(`${block.address} runs ${file}, which no archive_file of the stack creates.`);
    const logGroup = aws.logs.getOrCreate(String(block.nested("logging_config").log_group ?? `/aws/lambda/${name}`));
    this.name = name;
    this.timeoutSeconds = Number(block.get("timeout") ?? 3);
    this.onLine = (line) => {
      logGroup.put(line);
      onLog(name, line);
    };
    this.variables = {
      PATH: process.env.PATH ?? "",
      TZ: ":UTC",
      ...NO_AWS_SETTINGS,
      AWS_REGION: aws.region,
      AWS_DEFAULT_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.internalCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.internalCredentials.secretAccessKey,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(block.get("memory_size") ?? 128),
      LAMBDA_TASK_ROOT: resolve(stack.folder, String(archive.get("source_dir"))),
      _HANDLER: String(block.get("handler")),
      ...(block.nested("environment").variables as Record<string, string> | undefined),
    };
  }

  get pids(): number[] {
    return [...this.environments].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Loads the handler before the first event.
   *
   * @throws LocalRunError when the handler cannot be loaded.
   */
  async warmUp(): Promise<void> {
    try {
      this.idle.push(await this.startEnvironment());
    } catch (cause) {
      const message = `The handler of ${this.name} cannot be loaded: ${(cause as Error).message}`;
      throw new LocalRunError(message, { cause });
    }
  }

  /**
   * Invokes the handler.
   *
   * @param onLine - Called with each line that the handler logs in this invocation, before the result.
   * @throws InvocationError with the error that Lambda would report.
   */
  async invoke(event: unknown, onLine: (line: string) => void): Promise<unknown> {
    let environment = this.idle.pop();
    while (environment && !environment.alive) {
      this.environments.delete(environment); // Exited between two invocations.
      environment = this.idle.pop();
    }
    environment ??= await this.startEnvironment();
    try {
      return await environment.invoke(event, this.timeoutSeconds, onLine);
    } finally {
      if (environment.alive) this.idle.push(environment);
      else this.environments.delete(environment);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.environments].map((environment) => environment.stop()));
  }

  private async startEnvironment(): Promise<ExecutionEnvironment> {
    const environment = await ExecutionEnvironment.start(this.variables, this.onLine);
    this.environments.add(environment);
    return environment;
  }
}
