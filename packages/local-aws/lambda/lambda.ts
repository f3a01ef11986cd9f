import { setTimeout as sleep } from "node:timers/promises";
import { ACCOUNT_ID } from "../account";
import type { CancelTimer } from "../clock";
import { LocalRunError } from "../errors";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import type { Sqs } from "../sqs/sqs";
import { EventSourceMapping, type EventSourceMappingOptions } from "./event-source-mapping";
import { type FunctionOptions, type FunctionServices, LambdaFunction } from "./function";

/** The only version of a function. */
export const LATEST = "$LATEST";

/** Lambda's maximum number of elements in a page. */
export const MAX_ITEMS = 50;

/** Maximum number of invocations by clients at the same time: AWS's quota for a new account. */
const MAX_CONCURRENT = 10;

/** Maximum number of asynchronous invocations that are not finished, to bound the memory for their events. */
const MAX_ASYNCHRONOUS = 1_000;

/** Lambda's pauses before the second and the third attempt of an asynchronous invocation. */
const RETRY_PAUSES_MS = [60_000, 120_000];

/** Matches a function's name, partial ARN or ARN, with or without a version. */
const FUNCTION_IDENTIFIER =
  /^(?:arn:aws:lambda:([\w-]+):)?(?:(\d{12}):)?(?:function:)?([\w-]{1,64})(?::([\w$-]{1,128}))?$/;

/** Functions, and what invokes them. */
export class Lambda {
  private readonly byName = new Map<string, LambdaFunction>();
  private readonly byUuid: EventSourceMapping[] = [];
  /** Invocations by clients that run. */
  private readonly running = new Set<Promise<unknown>>();
  /** Asynchronous invocations that wait until fewer invocations run. */
  private readonly waiting: (() => void)[] = [];
  /** Timers of failed asynchronous invocations. */
  private readonly retries = new Set<CancelTimer>();
  private asynchronous = 0;
  private stopped = false;

  constructor(
    private readonly host: Host,
    private readonly services: FunctionServices & { readonly sqs: Sqs },
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
    const fn = new LambdaFunction(this.host, options, this.services);
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
    if (!fn) throw new LocalRunError(`An event source mapping invokes ${functionName}, which does not exist.`);
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
    const here = this.host.region;
    const [, region = here, account = ACCOUNT_ID, name = identifier, version = LATEST] =
      FUNCTION_IDENTIFIER.exec(identifier) ?? [];
    const wanted = qualifier ?? version;
    const fn = this.byName.get(name);
    if (fn && wanted === LATEST && region === here && account === ACCOUNT_ID) return fn;
    const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
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
    if (this.running.size >= MAX_CONCURRENT) throw tooMany();
    const invocation = fn.invoke(event, onLine);
    this.running.add(invocation);
    try {
      return await invocation;
    } finally {
      this.running.delete(invocation);
      this.waiting.shift()?.();
    }
  }

  /**
   * Invokes a function without waiting for it. A failed invocation is retried twice, as on AWS.
   *
   * @throws AwsError when too many such invocations are not finished.
   */
  invokeLater(fn: LambdaFunction, event: unknown): void {
    if (this.asynchronous >= MAX_ASYNCHRONOUS) throw tooMany();
    this.asynchronous++;
    this.attempt(fn, event, 0);
  }

  private attempt(fn: LambdaFunction, event: unknown, retries: number): void {
    if (this.stopped) return;
    if (this.running.size >= MAX_CONCURRENT) {
      this.waiting.push(() => this.attempt(fn, event, retries));
      return;
    }
    const pauseMs = RETRY_PAUSES_MS[retries];
    const finish = () => void this.asynchronous--;
    this.invoke(fn, event, () => undefined).then(finish, (error: Error) => {
      if (this.stopped) return;
      if (pauseMs === undefined) {
        finish();
        const attempts = retries + 1;
        this.host.observer.noted?.(
          `An asynchronous invocation of ${fn.name} failed ${attempts} times: ${error.message}`,
        );
        return;
      }
      const cancel = this.host.clock.after(pauseMs, () => {
        this.retries.delete(cancel);
        this.attempt(fn, event, retries + 1);
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
    this.stopped = true;
    for (const cancel of this.retries) cancel();
    const polled = Promise.all(this.byUuid.map((mapping) => mapping.stop()));
    const finished = Promise.all([polled, Promise.allSettled(this.running)]);
    const graceMs = Math.max(0, deadline - Date.now());
    await Promise.race([finished, sleep(graceMs, undefined, { ref: false })]);
    await Promise.all(this.functions.map((fn) => fn.stop()));
    await finished;
  }
}

function tooMany(): AwsError {
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
}
