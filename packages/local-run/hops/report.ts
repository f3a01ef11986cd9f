import type { Hop } from "@event-pipeline/event-model/hop";

/** How the local run speaks: lines for people, or one JSON object a line for programs. */
export interface Report {
  /** What is true once the pipeline runs. */
  ready(facts: ReadyFacts): void;
  hop(hop: Hop): void;
  /** A line that a handler wrote. */
  log(functionName: string, line: string): void;
  /** A sentence about the run itself. */
  note(message: string): void;
  /** How the demonstration ended: well when there are no problems. */
  verdict(problems: readonly string[]): void;
}

export interface ReadyFacts {
  readonly endpoint: string;
  /** URL of the live page, where there is one. */
  readonly page?: string | undefined;
  readonly region: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly notRun: readonly string[];
  readonly shortened: readonly string[];
  /** Process ids of the handlers. */
  readonly pids: readonly number[];
  /** Milliseconds from the start of the process. */
  readonly readyMs: number;
}
