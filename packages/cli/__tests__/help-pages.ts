import { runCli } from "@event-pipeline/testing/run-cli";

export interface HelpPage {
  /** The words of the command: `["dlq", "list"]`; empty for the program. */
  readonly path: readonly string[];
  readonly text: string;
  /** The commands below this one. */
  readonly commands: readonly string[];
  /** The options that take a value. */
  readonly valueOptions: readonly string[];
}

/** Returns the help page of a command, and those of the commands below it. */
export async function helpPages(columns: number, path: readonly string[] = []): Promise<HelpPage[]> {
  const { code, stdout, stderr } = await runCli([...path, "--help"], { columns });
  expect([code, stderr]).toEqual([0, ""]);
  const [, list = ""] = stdout.split("\nCommands:\n");
  const commands = [...list.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name = ""]) => (name === "help" ? [] : [name]));
  const valueOptions = [...stdout.matchAll(/^ {2}(--[a-z-]+) [<[]/gm)].map(([, option = ""]) => option);
  const below = await Promise.all(commands.map((name) => helpPages(columns, [...path, name])));
  return [{ path, text: stdout, commands, valueOptions }, ...below.flat()];
}
