import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { NO_AWS_SETTINGS } from "@event-pipeline/node-process/aws-settings";
import { ACCOUNT_ID } from "../account";
import type { CloudWatch } from "../cloudwatch/cloudwatch";
import { LocalRunError } from "../errors";
import type { Callers } from "../gateway/caller";
import type { Host } from "../host";
import type { Logs } from "../logs/logs";
import { ExecutionEnvironment } from "./execution-environment";

/** The part of a function that may change while it exists. */
export interface FunctionDeployment {
  /** Folder of the handler's code. After a file in it changes, later invocations run the new code once it can be loaded. */
  readonly folder: string;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface FunctionOptions extends FunctionDeployment {
  readonly name: string;
  /** The module and the export, such as `index.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly roleName: string;
  /** Name of the log group. */
  readonly logGroup: string;
  /**
   * Returns the present folder and variables. Called before each invocation and each read of the configuration.
   *
   * @default - they do not change
   */
  readonly readDeployment?: (() => Promise<FunctionDeployment>) | undefined;
  /** The bundle of runtime.ts. @default - `lambda-runtime.mjs`, next to the file that contains this */
  readonly runtimeFile?: string | undefined;
}

/** The services that a function uses. */
export interface FunctionServices {
  readonly callers: Callers;
  readonly cloudwatch: CloudWatch;
  readonly logs: Logs;
}

/** A function. As on AWS, each concurrent invocation has its own process, which is reused. */
export class LambdaFunction {
  readonly arn: string;
  private readonly accessKeyId = `local-function-${randomUUID()}`;
  private deployment: FunctionDeployment;
  private modified: Date;
  /** Environments, and the version of the code and the variables that they loaded. */
  private readonly environments = new Map<ExecutionEnvironment, string | undefined>();
  /** Environments without an invocation. The most recently used environment gets the next invocation. */
  private readonly idle: ExecutionEnvironment[] = [];
  private stopped = false;

  constructor(
    private readonly host: Host,
    readonly options: FunctionOptions,
    private readonly services: FunctionServices,
  ) {
    const { name, folder, environment, roleName } = options;
    const { region, clock } = host;
    services.callers.addRole(this.accessKeyId, roleName, name);
    this.arn = `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;
    this.deployment = { folder, environment };
    this.modified = new Date(clock.now());
  }

  get name(): string {
    return this.options.name;
  }

  /** The time of the last change to the folder or the variables. */
  get lastModified(): Date {
    return this.modified;
  }

  /** The variables from the options, without those of the runtime. */
  get environment(): FunctionDeployment["environment"] {
    return this.deployment.environment;
  }

  /** Process IDs of the environments. */
  get pids(): number[] {
    return [...this.environments.keys()].flatMap(({ alive, pid }) => (alive && pid !== undefined ? [pid] : []));
  }

  /** Reads the present folder and variables. */
  async refresh(): Promise<void> {
    const { readDeployment } = this.options;
    if (!readDeployment) return;
    const { folder, environment } = await readDeployment();
    if (isDeepStrictEqual(this.deployment, { folder, environment })) return;
    this.deployment = { folder, environment };
    this.modified = new Date(this.host.clock.now());
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
  async invoke(event: unknown, onLine: (line: string) => void = () => undefined): Promise<unknown> {
    const start = performance.now();
    let failed = 1;
    try {
      const result = await this.run(event, onLine);
      failed = 0;
      return result;
    } finally {
      const { cloudwatch } = this.services;
      const dimensions = { FunctionName: this.name };
      cloudwatch.record("AWS/Lambda", "Invocations", dimensions, [1], "Count");
      cloudwatch.record("AWS/Lambda", "Errors", dimensions, [failed], "Count");
      cloudwatch.record("AWS/Lambda", "Duration", dimensions, [performance.now() - start], "Milliseconds");
    }
  }

  /** Ends the processes, and the invocations in them. Later invocations fail. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.environments.keys()].map((environment) => environment.stop()));
  }

  private async run(event: unknown, onLine: (line: string) => void): Promise<unknown> {
    const environment = await this.takeEnvironment();
    try {
      return await environment.invoke(event, this.options.timeoutSeconds, onLine);
    } finally {
      if (environment.alive) this.idle.push(environment);
      else this.environments.delete(environment);
    }
  }

  /**
   * Returns an environment with the current code. While the code cannot be loaded, such as during a build, returns an
   * idle environment with former code, if there is one.
   */
  private async takeEnvironment(): Promise<ExecutionEnvironment> {
    await this.refresh();
    const idle = this.takeIdle();
    const version = versionOf(this.deployment);
    if (idle && (version === undefined || this.environments.get(idle) === version)) return idle;
    try {
      const started = await this.startEnvironment();
      await idle?.stop();
      if (idle) this.environments.delete(idle);
      return started;
    } catch (error) {
      if (!idle?.alive) throw error;
      this.log(`The new code of ${this.name} cannot be loaded, so its former code runs: ${(error as Error).message}`);
      return idle;
    }
  }

  /** Takes the most recently used idle environment. Removes those that exited. */
  private takeIdle(): ExecutionEnvironment | undefined {
    for (let environment = this.idle.pop(); environment; environment = this.idle.pop()) {
      if (environment.alive) return environment;
      this.environments.delete(environment);
    }
    return undefined;
  }

  private log(line: string): void {
    // A client may have deleted the log group.
    this.services.logs.group(this.options.logGroup).put(line);
    this.host.observer.logged?.(this.name, line);
  }

  private async startEnvironment(): Promise<ExecutionEnvironment> {
    if (this.stopped) throw new Error(`The function ${this.name} is stopped.`);
    const { runtimeFile = fileURLToPath(new URL("./lambda-runtime.mjs", import.meta.url)), memoryMb } = this.options;
    if (!existsSync(runtimeFile)) {
      const fix = "run npm run build, and pass dist/local/lambda-runtime.mjs as runtimeFile";
      throw new Error(`there is no runtime "${runtimeFile}": ${fix}.`);
    }
    // Before the code is loaded, so that a change meanwhile is noticed at the next invocation.
    const version = versionOf(this.deployment);
    const environment = new ExecutionEnvironment({
      runtimeFile,
      variables: this.variables(),
      memoryMb,
      clock: this.host.clock,
      onLine: (line) => this.log(line),
    });
    // Before the handler is loaded, so that `stop` ends this process too.
    this.environments.set(environment, version);
    await environment.ready().catch((error: Error) => {
      this.environments.delete(environment);
      throw error;
    });
    return environment;
  }

  /** Returns the environment variables of a process. Only PATH comes from this process. */
  private variables(): Readonly<Record<string, string>> {
    const { name, handler, memoryMb, logGroup } = this.options;
    const { endpoint, region } = this.host;
    const { folder, environment } = this.deployment;
    return {
      PATH: process.env.PATH ?? "",
      TZ: ":UTC",
      ...NO_AWS_SETTINGS,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: this.accessKeyId,
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL: endpoint,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: this.services.logs.group(logGroup).streamName,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
      ...environment,
    };
  }
}

/** Returns a text that changes with the variables and the code; undefined if there is no code. */
function versionOf({ folder, environment }: FunctionDeployment): string | undefined {
  const code = codeVersion(folder);
  return code && `${JSON.stringify(environment)}\n${code}`;
}

/**
 * Returns a text that changes with every file in a folder and its subfolders; undefined if there is no such folder. Links
 * are followed. The change time differs even if a copy has the size and the modification time of the file it replaces.
 */
function codeVersion(folder: string): string | undefined {
  const seen = new Set<string>();
  const filesIn = (path: string): string[] => {
    try {
      const stats = statSync(path);
      if (!stats.isDirectory()) return [`${path} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`];
      // A link may lead to a folder that contains it.
      const id = `${stats.dev}:${stats.ino}`;
      if (seen.has(id)) return [];
      seen.add(id);
      return readdirSync(path)
        .sort()
        .flatMap((name) => filesIn(join(path, name)));
    } catch (error) {
      // The file was removed meanwhile, or cannot be read.
      return [`${path} ${(error as NodeJS.ErrnoException).code}`];
    }
  };
  return existsSync(folder) ? filesIn(folder).join("\n") : undefined;
}
