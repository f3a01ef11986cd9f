/** A condition that options have to meet together. */
export interface Check {
  readonly broken: boolean;
  /** Each option with its value, what is allowed, and the way out. */
  readonly problem: string;
}

export function problemsOf(checks: readonly Check[]): string[] {
  return checks.flatMap(({ broken, problem }) => (broken ? [problem] : []));
}
