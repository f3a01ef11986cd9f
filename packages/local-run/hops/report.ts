import type { Hop } from "@event-pipeline/event-model/hop";

/** The output of the local run: text for people, or JSON for programs. */
export interface Report {
  /** Reports that the pipeline is running. */
  ready(facts: ReadyFacts): void;
  /** Reports that the run now waits for events, until Ctrl-C. */
  waiting(facts: ReadyFacts): void;
  hop(hop: Hop): void;
  /** Reports a line that a handler logged. */
  log(functionName: string, line: string): void;
  /** Reports a message about the run itself. */
  note(message: string): void;
  /** Reports the result of the demonstration, which succeeded if there are no problems. */
  verdict(problems: readonly string[]): void;
}

export interface ReadyFacts {
  readonly endpoint: string;
  /** URL of the live page; undefined when there is none. */
  readonly page?: string | undefined;
  readonly region: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Addresses of the blocks that do not run locally, and of ignored arguments. */
  readonly notRun: readonly string[];
  /** Descriptions of the delays that are shorter than on AWS. */
  readonly shortened: readonly string[];
  /** Process IDs of the handlers. */
  readonly pids: readonly number[];
  /** Milliseconds from the start of the process. */
  readonly readyMs: number;
}
