import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import type { Pipeline, PipelineProps } from "@event-pipeline/operations/pipeline";
import type { Command } from "commander";
import type { CommandIo } from "./command-io";
import { EXIT_CODES, type ExitCode } from "./exit-codes";
import { type GlobalOptions, pipelineProps } from "./global-options";
import { Output } from "./output";

/** The tools that every command works with. */
export interface CommandSession {
  readonly io: CommandIo;
  readonly output: Output;
  /** Aborts when the user interrupts the command, or when nobody reads its output any more. */
  readonly signal: AbortSignal;
  /** @throws UsageError when the options name no pipeline. */
  readonly pipelineProps: () => PipelineProps;
  /** @throws UsageError when the options name no pipeline. */
  readonly pipeline: () => Pipeline;
}

/**
 * Turns the work of a command into an action of commander. The work returns the
 * exit code; undefined stands for 0.
 *
 * Commands import their operations lazily: `--help` must not wait for them.
 */
export type CreateAction = <Options = object>(
  run: (session: CommandSession, options: Options, ...args: string[]) => Promise<ExitCode | undefined>,
) => (...args: unknown[]) => Promise<void>;

/** @param onExit - Receives the exit code of the command that ran. */
export function actionCreator(io: CommandIo, onExit: (exitCode: ExitCode) => void): CreateAction {
  return (run) =>
    async (...args) => {
      const command = args.at(-1) as Command;
      const options = command.optsWithGlobals<GlobalOptions & Parameters<typeof run>[1]>();
      const [{ toOperationError }, { Pipeline }] = await Promise.all([
        import("@event-pipeline/operations/aws-errors"),
        import("@event-pipeline/operations/pipeline"),
      ]);
      const output = new Output(io, { json: options.json === true, color: options.color });
      const signal = AbortSignal.any([io.interrupted, io.closed]);
      let pipeline: Pipeline | undefined;
      let props: PipelineProps | undefined;
      const propsOnce = () => {
        props ??= pipelineProps(options, io.env);
        return props;
      };
      const session: CommandSession = {
        io,
        output,
        signal,
        pipelineProps: propsOnce,
        pipeline: () => {
          if (pipeline) return pipeline;
          const given = propsOnce();
          if (given.credentials) forgetAwsSettings();
          pipeline = new Pipeline(given);
          return pipeline;
        },
      };
      let exitCode: ExitCode = EXIT_CODES.ok;
      try {
        exitCode = (await run(session, options, ...command.args)) ?? EXIT_CODES.ok;
      } catch (error) {
        // After an abort, errors are its consequence.
        if (!signal.aborted) throw toOperationError(error, pipeline?.description ?? "the pipeline");
      } finally {
        pipeline?.destroy();
      }
      if (io.interrupted.aborted) exitCode = EXIT_CODES.interrupted;
      if (io.failure !== undefined) {
        output.note(io.failure);
        exitCode = EXIT_CODES.failed;
      }
      onExit(exitCode);
    };
}
