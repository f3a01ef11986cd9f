import { createHash } from "node:crypto";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import archiver from "archiver";
import type { Zip } from "./archives";
import type { Config, StackFile } from "./stack-file";

/** Creates each zip of the stack's `archive_file` data sources, at the same path. */
export async function makeZips(folder: string, { data }: StackFile): Promise<Record<string, Zip>> {
  const zips: Record<string, Zip> = {};
  for (const [name, config] of Object.entries(data?.archive_file ?? {})) {
    zips[name] = await makeZip(folder, `data.archive_file.${name}`, config);
  }
  return zips;
}

async function makeZip(folder: string, address: string, { source_dir, output_path }: Config): Promise<Zip> {
  if (typeof source_dir !== "string" || typeof output_path !== "string") {
    throw new Error(
      `${address} has source_dir ${JSON.stringify(source_dir)} and output_path ${JSON.stringify(output_path)}; the harness needs both. Set them, or install the archive provider.`,
    );
  }
  const zip = archiver("zip", { zlib: { level: 9 } });
  zip.directory(join(folder, source_dir), false, { mode: 0o644, date: new Date(0) });
  await Promise.all([pipeline(zip, createWriteStream(join(folder, output_path))), zip.finalize()]);
  const bytes = readFileSync(join(folder, output_path));
  return { output_path, output_base64sha256: createHash("sha256").update(bytes).digest("base64") };
}
