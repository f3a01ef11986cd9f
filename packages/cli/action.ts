import { setMaxListeners } from "node:events";
import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import { INTERRUPTED } from "@event-pipeline/node-process/shutdown-signal";
import type { ErrorKind, OperationError } from "@event-pipeline/operations/errors";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import type { Command } from "commander";
import { type GlobalOptions, pipelineConnection } from "./global-options";
import { type CommandIo, Output } from "./output";
import { commandLineOf } from "./usage-errors";

/** The exit codes of the command. */
export const EXIT_CODES = {
  /** Everything that the command was asked for was seen and done. */
  ok: 0,
  /** The work failed before it began, or the answer is no: an event is not found or missing, a resource differs. */
  failed: 1,
  usage: 2,
  /** Part of the work was not done, or could not be seen. */
  partly: 3,
  credentials: 4,
  interrupted: INTERRUPTED,
} as const satisfies Record<ErrorKind | string, number>;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/**
 * Returns the exit code of work that began. An error that ended it early makes it a partial success, even if the error
 * would otherwise be a failure.
 *
 * @param isWhole - True if everything that the command was asked for was seen and done.
 * @param stoppedBy - The error that ended the work early.
 */
export function exitCodeOf(isWhole: boolean, stoppedBy?: OperationError): ExitCode {
  if (stoppedBy) return stoppedBy.kind === "failed" ? EXIT_CODES.partly : EXIT_CODES[stoppedBy.kind];
  return isWhole ? EXIT_CODES.ok : EXIT_CODES.partly;
}

/** The objects that every command works with. */
export interface CommandSession {
  readonly io: CommandIo;
  readonly output: Output;
  /** Aborts when the user interrupts the command, or when the reader of its output closes the pipe. */
  readonly signal: AbortSignal;
  /** Returns the pipeline that the options select. @throws UsageError when they select none. */
  readonly pipeline: () => Pipeline;
  /** The arguments after the command's name. */
  readonly args: readonly string[];
  /** Returns the command as the user gave it, or with other arguments, for a message that advises to run it again. */
  readonly commandLine: (args?: readonly string[]) => string;
}

/**
 * Converts a command's function into a commander action. The function returns the
 * exit code; undefined means 0.
 *
 * Commands import their operations lazily, so that `--help` is fast.
 */
export type CreateAction = <Options = object>(
  run: (session: CommandSession, options: Options, ...args: string[]) => Promise<ExitCode> | Promise<void>,
) => (...args: unknown[]) => Promise<void>;

/** Milliseconds between two notes about a request that gets no response. */
const WAITING_INTERVAL_MS = 15_000;

/** Names the request that has waited longest for its response, including the SDK's retries. */
function noteWaiting(output: Output, pipeline: Pipeline | undefined): void {
  const [request] = pipeline?.openRequests ?? [];
  const waitedMs = request ? Date.now() - request.at : 0;
  if (!request || waitedMs < WAITING_INTERVAL_MS) return;
  const seconds = Math.round(waitedMs / 1_000);
  output.note(
    `No response to ${request.action}${request.forResource} for ${seconds} s. Ctrl-C stops the command, and a second Ctrl-C stops it at once.`,
  );
}

/**
 * @param args - The arguments after the command's name.
 * @param invocation - What the user types before the arguments.
 * @param onExit - Receives the exit code of the command that ran.
 */
export function actionCreator(
  io: CommandIo,
  args: readonly string[],
  invocation: string,
  onExit: (exitCode: ExitCode) => void,
): CreateAction {
  const commandLine = (words = args) => commandLineOf(invocation, words);
  return (run) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<GlobalOptions & Parameters<typeof run>[1]>();
      const [{ toOperationError }, { Pipeline }] = await Promise.all([
        import("@event-pipeline/operations/aws-errors"),
        import("@event-pipeline/operations/pipeline"),
      ]);
      const output = new Output(io, { json: options.json === true, color: options.color });
      const signal = AbortSignal.any([io.interrupted, io.closed]);
      // Each request that runs listens. Node.js would warn about more than ten.
      setMaxListeners(0, signal);
      let opened: Pipeline | undefined;
      const pipeline = () => {
        if (opened) return opened;
        const target = { ...pipelineConnection(options, io.env), invocation };
        if (target.isLocalRun) forgetAwsSettings();
        opened = new Pipeline(target);
        return opened;
      };
      const waiting = setInterval(() => noteWaiting(output, opened), WAITING_INTERVAL_MS).unref();
      let exitCode: ExitCode = EXIT_CODES.ok;
      try {
        const returned = await run({ io, output, signal, pipeline, args, commandLine }, options, ...command.args);
        if (returned !== undefined) exitCode = returned;
      } catch (error) {
        // Errors after an abort are caused by the abort.
        if (!signal.aborted) throw toOperationError(error, opened?.description ?? "the pipeline");
        if (io.interrupted.aborted) output.note("Interrupted.");
      } finally {
        clearInterval(waiting);
        opened?.destroy();
      }
      if (io.interrupted.aborted) exitCode = EXIT_CODES.interrupted;
      if (io.failure !== undefined) {
        output.note(io.failure);
        exitCode = EXIT_CODES.failed;
      }
      onExit(exitCode);
    };
}
