declare module "archiver" {
  import type { Readable } from "node:stream";

  /** archiver 7 has no types of its own; this is what zip.ts calls. */
  interface Archiver extends Readable {
    directory(folder: string, folderInZip: false, entry: { readonly mode: number; readonly date: Date }): this;
    finalize(): Promise<void>;
  }

  export default function archiver(format: "zip", options: { readonly zlib: { readonly level: number } }): Archiver;
}
