import { setTimeout as sleep } from "node:timers/promises";
import { ACCOUNT_ID } from "../account";
import type { CancelTimer } from "../clock";
import type { CloudWatch } from "../cloudwatch/cloudwatch";
import { LocalRunError } from "../errors";
import type { Callers } from "../gateway/caller";
import type { Host } from "../host";
import type { Logs } from "../logs/logs";
import { AwsError } from "../protocols/aws-error";
import type { Sqs } from "../sqs/sqs";
import { EventSourceMapping, type EventSourceMappingOptions } from "./event-source-mapping";
import { type FunctionOptions, LambdaFunction } from "./function";

/** The only version of a function. */
export const LATEST = "$LATEST";

/** Maximum number of invocations by clients at the same time: AWS's quota for a new account. */
const MAX_CONCURRENT = 10;

/** Lambda's pauses before the second and the third attempt of an asynchronous invocation. */
const RETRY_PAUSES_MS = [60_000, 120_000];

/** Matches a function's name, partial ARN or ARN, with or without a version. */
const FUNCTION_IDENTIFIER = /^(?:arn:aws:lambda:[\w-]+:)?(?:\d{12}:)?(?:function:)?([\w-]{1,64})(?::([\w$-]{1,128}))?$/;

/** Functions, and what invokes them. */
export class Lambda {
  private readonly byName = new Map<string, LambdaFunction>();
  private readonly byUuid: EventSourceMapping[] = [];
  /** Attempts of asynchronous invocations that wait. */
  private readonly retries = new Set<CancelTimer>();
  private concurrent = 0;

  constructor(
    private readonly host: Host,
    private readonly services: {
      readonly sqs: Sqs;
      readonly logs: Logs;
      readonly cloudwatch: CloudWatch;
      readonly callers: Callers;
    },
  ) {}

  /** Functions, sorted by name. */
  get functions(): LambdaFunction[] {
    return [...this.byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  get mappings(): readonly EventSourceMapping[] {
    return this.byUuid;
  }

  /** Process IDs of the functions. */
  get pids(): number[] {
    return this.functions.flatMap(({ pids }) => pids);
  }

  /**
   * Creates a function, and loads its handler.
   *
   * @throws LocalRunError when the handler cannot be loaded.
   */
  async addFunction(options: FunctionOptions): Promise<void> {
    const { logs, callers, cloudwatch } = this.services;
    const logGroup = logs.group(options.logGroup);
    const fn = new LambdaFunction(this.host, options, { callers, cloudwatch, logGroup });
    this.byName.set(options.name, fn);
    await fn.warmUp();
  }

  /**
   * Invokes a function with the messages of a queue.
   *
   * @throws LocalRunError when there is no such queue or function.
   */
  addEventSourceMapping(options: EventSourceMappingOptions): void {
    const { queueArn, functionName } = options;
    const { sqs } = this.services;
    const fn = this.byName.get(functionName);
    if (!fn)
      throw new LocalRunError(`An event source mapping invokes the function ${functionName}, which does not exist.`);
    if (!sqs.queueByArn(queueArn)) {
      throw new LocalRunError(`An event source mapping of ${functionName} polls ${queueArn}, which does not exist.`);
    }
    this.byUuid.push(new EventSourceMapping(this.host, options, sqs, fn));
  }

  /**
   * Finds a function by its name or ARN.
   *
   * @throws AwsError when there is no such function or version.
   */
  find(identifier = "", qualifier?: string): LambdaFunction {
    const [, name = identifier, version = LATEST] = FUNCTION_IDENTIFIER.exec(identifier) ?? [];
    const wanted = qualifier ?? version;
    const fn = this.byName.get(name);
    if (fn && wanted === LATEST) return fn;
    const arn = `arn:aws:lambda:${this.host.region}:${ACCOUNT_ID}:function:${name}`;
    const message = `Function not found: ${wanted === LATEST ? arn : `${arn}:${wanted}`}`;
    throw new AwsError("ResourceNotFoundException", message);
  }

  /**
   * Invokes a function for a client.
   *
   * @param onLine - Called with each line that the handler logs.
   * @throws InvocationError when the function fails, and AwsError when too many invocations run.
   */
  async invoke(fn: LambdaFunction, event: unknown, onLine: (line: string) => void): Promise<unknown> {
    if (this.concurrent >= MAX_CONCURRENT) throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    this.concurrent++;
    try {
      return await fn.invoke(event, onLine);
    } finally {
      this.concurrent--;
    }
  }

  /** Invokes a function without waiting for it. A failed invocation is retried twice, as on AWS. */
  invokeLater(fn: LambdaFunction, event: unknown, attempt = 0): void {
    const pauseMs = RETRY_PAUSES_MS[attempt];
    // The function's log contains the error.
    this.invoke(fn, event, () => undefined).catch((error: Error) => {
      if (pauseMs === undefined) {
        this.host.observer.noted?.(
          `The asynchronous invocation of ${fn.name} failed ${attempt + 1} times: ${error.message}`,
        );
        return;
      }
      const cancel = this.host.clock.after(pauseMs, () => {
        this.retries.delete(cancel);
        this.invokeLater(fn, event, attempt + 1);
      });
      this.retries.add(cancel);
    });
  }

  /**
   * Stops polling, and ends all processes.
   *
   * @param deadline - Time until which current invocations may finish, in epoch milliseconds.
   */
  async stop(deadline: number): Promise<void> {
    for (const cancel of this.retries) cancel();
    const finished = Promise.all(this.byUuid.map((mapping) => mapping.stop()));
    const graceMs = Math.max(0, deadline - Date.now());
    await Promise.race([finished, sleep(graceMs, undefined, { ref: false })]);
    await Promise.all(this.functions.map((fn) => fn.stop()));
    await finished;
  }
}
