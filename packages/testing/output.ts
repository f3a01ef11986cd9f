export type Line = Readonly<Record<string, unknown>>;

/** Captures output to stdout and stderr, both of which Lambda logs. `lines()` parses the output's JSON lines. */
export function captureOutput(): { readonly lines: () => Line[]; readonly restore: () => void } {
  const chunks: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, "write").mockImplementation((chunk) => {
      chunks.push(String(chunk));
      return true;
    }),
  );
  return {
    lines: () =>
      chunks
        .join("")
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Line),
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
