// Its own declarations are of another name: the package stands in for one that has to be compiled.
declare module "@cdktf/node-pty-prebuilt-multiarch" {
  interface Terminal {
    onData(listener: (data: string) => void): void;
    onExit(listener: (end: { readonly exitCode: number; readonly signal?: number }) => void): void;
    write(data: string): void;
  }
  export function spawn(
    file: string,
    args: readonly string[],
    options: { readonly cols: number; readonly rows: number; readonly env: Readonly<Record<string, string>> },
  ): Terminal;
}
