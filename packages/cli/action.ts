import { forgetAwsSettings } from "@event-pipeline/node-process/aws-settings";
import type { Pipeline } from "@event-pipeline/operations/pipeline";
import type { Command } from "commander";
import { EXIT_CODES, type ExitCode } from "./exit-codes";
import { type GlobalOptions, pipelineProps } from "./global-options";
import { interruptSignal } from "./interrupt";
import { Output } from "./output";

/** What every command works with. */
export interface Session {
  readonly output: Output;
  /** Aborts at Ctrl-C, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** @throws UsageError when the options do not say which. */
  pipeline(): Pipeline;
}

/**
 * Makes of what a command does the action that commander calls: it gets a
 * session, its options and its arguments, and says the exit code, 0 when it
 * says none.
 *
 * Whatever a command imports at its top costs `--help` time, so it imports its
 * operation where it calls it.
 */
export function action<Options = object>(
  run: (session: Session, options: Options, ...args: string[]) => Promise<ExitCode | undefined>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const options = command.optsWithGlobals<GlobalOptions & Options>();
    const [{ explained }, { Pipeline }] = await Promise.all([
      import("@event-pipeline/operations/aws-errors"),
      import("@event-pipeline/operations/pipeline"),
    ]);
    const interrupted = interruptSignal();
    const output = new Output({ json: options.json === true, color: options.color });
    let pipeline: Pipeline | undefined;
    const session: Session = {
      output,
      signal: AbortSignal.any([interrupted, output.closed]),
      pipeline: () => {
        if (pipeline) return pipeline;
        const props = pipelineProps(options, process.env);
        if (props.credentials) forgetAwsSettings();
        pipeline = new Pipeline(props);
        return pipeline;
      },
    };
    try {
      const exitCode = await run(session, options, ...command.args);
      process.exitCode = interrupted.aborted ? EXIT_CODES.interrupted : (exitCode ?? EXIT_CODES.ok);
    } catch (error) {
      if (!session.signal.aborted) throw explained(error, pipeline?.description ?? "the pipeline");
      // `… | head` has what it wanted.
      process.exitCode = interrupted.aborted ? EXIT_CODES.interrupted : EXIT_CODES.ok;
    } finally {
      pipeline?.destroy();
    }
    if (output.failure !== undefined) {
      output.note(output.failure);
      process.exitCode = EXIT_CODES.failed;
    }
  };
}
