/** A function that can be invoked. */
export interface Invocable {
  readonly name: string;
  /**
   * @param onLine - Called for each line that the handler writes in this invocation.
   * @throws Error with the handler's, or why it came to no end.
   */
  invoke(event: unknown, onLine: (line: string) => void): Promise<unknown>;
}

/** The functions of a run, by name. */
export class Functions {
  private readonly functionsByName = new Map<string, Invocable>();

  add(fn: Invocable): void {
    this.functionsByName.set(fn.name, fn);
  }

  /** @returns undefined where there is no such function. */
  find(name: string): Invocable | undefined {
    return this.functionsByName.get(name);
  }
}
