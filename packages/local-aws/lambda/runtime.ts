/**
 * Runs a handler as Lambda's Node.js runtime does: it loads `_HANDLER` from LAMBDA_TASK_ROOT, then serves one invocation at
 * a time. It exits when its host exits. Its argument is the number of milliseconds that the host's clock is ahead of the
 * machine's; without it, they are the same clock.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { InvocationRequest, RuntimeMessage } from "./execution-environment";

/** Bound before the handler is loaded, because the handler may replace `write`. */
const write = process.stdout.write.bind(process.stdout);
// As on Lambda, both streams are one log. So the host waits for one of them only.
process.stderr.write = write;

const machineNow = Date.now.bind(Date);
const [, , argument] = process.argv;
let aheadMs = Number(argument ?? 0);
if (argument !== undefined) useHostTime();

type LambdaHandler = (event: unknown, context: object) => Promise<unknown>;

/** Lets `Date` tell the host's time, which continues at the machine's speed during an invocation. */
function useHostTime(): void {
  const now = () => machineNow() + aheadMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, property) => (property === "now" ? now : Reflect.get(target, property)),
  });
}

function reply(message: RuntimeMessage): void {
  process.send?.(message);
}

function replyError(error: unknown): void {
  const { name, message, stack = "" } = error instanceof Error ? error : { name: "Error", message: String(error) };
  reply({ error: { type: name, message, trace: stack.split("\n") } });
}

async function loadHandler(): Promise<LambdaHandler> {
  const { _HANDLER: handler = "", LAMBDA_TASK_ROOT: root = "" } = process.env;
  const [module = "", method = ""] = handler.split(".");
  const file = [".mjs", ".js", ".cjs"].map((extension) => join(root, module + extension)).find(existsSync);
  if (!file) throw new Error(`Cannot find module '${module}' in ${root}`);
  const exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  if (typeof exports[method] !== "function") throw new Error(`${handler} is undefined or not exported`);
  return exports[method] as LambdaHandler;
}

function contextOf({ requestId, deadline }: InvocationRequest): object {
  const { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory } = process.env;
  const { AWS_LAMBDA_LOG_GROUP_NAME: logGroupName, AWS_LAMBDA_LOG_STREAM_NAME: logStreamName } = process.env;
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: "$LATEST",
    memoryLimitInMB: memory,
    logGroupName,
    logStreamName,
    getRemainingTimeInMillis: () => deadline - machineNow(),
  };
}

process.on("disconnect", () => process.exit());
// The terminal sends signals to every process. This process ignores them: its host lets it finish, then kills it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
try {
  const handler = await loadHandler();
  process.on("message", (invocation: InvocationRequest) => {
    aheadMs = invocation.aheadMs ?? 0;
    // Inside a promise, so that a synchronous error is reported too.
    Promise.resolve()
      .then(() => handler(invocation.event, contextOf(invocation)))
      .finally(() => write(`${invocation.endOfLog}\n`))
      .then((result) => reply({ result: JSON.stringify(result) }))
      .catch(replyError);
  });
  reply({ ready: true });
} catch (error) {
  replyError(error);
}
