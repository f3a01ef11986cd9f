import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssetType, TerraformAsset } from "cdktf";
import type { Construct } from "constructs";

export interface HandlerFolderProps {
  /** Absolute path of the handler's bundle. */
  readonly handlerPath: string;
  /** The texts of files to add to the bundle, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A copy of a handler's bundle with more files, which synth writes next to the JSON. */
export class HandlerFolder extends TerraformAsset {
  constructor(scope: Construct, id: string, { handlerPath, files }: HandlerFolderProps) {
    const folder = temporaryFolder();
    cpSync(handlerPath, folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    // A fixed path, so that a local run that is using the folder gets the new files.
    super(scope, id, { path: folder, type: AssetType.DIRECTORY, assetHash: "bundle" });
  }
}

/** The temporary folders of this process. */
const folders: string[] = [];

/** Creates a folder that exists until the process exits, because cdktf copies it only at the end of the synth. */
function temporaryFolder(): string {
  // One listener, because Node.js warns about more than ten.
  if (folders.length === 0) process.once("exit", removeFolders);
  const folder = mkdtempSync(join(tmpdir(), "event-pipeline-"));
  folders.push(folder);
  return folder;
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
