// The package declares its types under the name of the package that it replaces.
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
