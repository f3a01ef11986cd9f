import * as fs from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { cdktfCommand, thisProcess } from "./process-table";
import { lockManifest, StageLockedError } from "./stage-lock";

const STAGES_FOLDER = "stages";
const MANIFEST = "manifest.json";

type SynthManifest = Readonly<{
  stacks: Readonly<
    Record<string, Readonly<Record<"workingDirectory" | "synthesizedStackPath" | "stackMetadataPath", string>>>
  >;
}>;

/** Returns whether the cdktf CLI started this process. Users can also set the variable, but not with the CLI's key. */
export function isRunByCdktf({ CDKTF_CONTEXT_JSON }: NodeJS.ProcessEnv): boolean {
  return CDKTF_CONTEXT_JSON?.includes('"cdktfRelativeModules"') ?? false;
}

/** Thrown if the app cannot write to the output folder. */
export class OutputFolderError extends Error {}

/**
 * Synthesizes a stage into `<output folder>/stages/<stage>`. The stage cannot be in cdktf's own folder `stacks`, from
 * which the CLI deletes folders of other stages, even during an apply.
 *
 * @param output - cdktf's output folder, or the stage's folder in it. With the stage's folder, as in the npm scripts,
 * the stage has its own manifest, which commands for other stages do not replace.
 * @param synthesize - Receives a temporary output folder to write to, and the stage's final folder.
 * @throws OutputFolderError if the app cannot write to the folder.
 * @throws StageLockedError while a command for another stage uses the output folder's manifest.
 * @example
 * writeStage("cdktf.out", "dev", (outdir) => {
 *   const app = new App({ outdir });
 *   new EventPipelineStack(app, "event-pipeline", { projectRoot: "../../..", stage });
 *   app.synth();
 * });
 */
export function writeStage(output: string, stage: string, synthesize: (scratch: string, folder: string) => void): void {
  const hasOwnManifest = basename(resolve(output)) === stage && basename(dirname(resolve(output))) === STAGES_FOLDER;
  const outdir = hasOwnManifest ? join(output, "..", "..") : output;
  const folder = join(outdir, STAGES_FOLDER, stage);
  if (fs.existsSync(join(outdir, "cdk.tf.json"))) {
    throw new OutputFolderError(
      `${outdir} belongs to another stage than ${stage}. Choose another folder with CDKTF_OUTPUT (cdktf) or CDKTF_OUTDIR (npm run synth).`,
    );
  }
  try {
    fs.mkdirSync(folder, { recursive: true });
    const scratch = fs.mkdtempSync(join(outdir, ".synth-"));
    try {
      synthesize(scratch, folder);
      const manifest = moveStacks(scratch, folder);
      putManifest(manifest, ".", scratch, folder);
      const reader = !hasOwnManifest && isRunByCdktf(process.env) ? cdktfCommand() : undefined;
      const lock = lockManifest(outdir, stage, reader ?? thisProcess());
      putManifest(manifest, join(STAGES_FOLDER, stage), scratch, outdir);
      if (!reader) lock.release();
    } finally {
      fs.rmSync(scratch, { recursive: true, force: true });
    }
  } catch (error) {
    // This command has its own manifest, so it does not need the one that is locked.
    if (error instanceof StageLockedError && hasOwnManifest) return;
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new OutputFolderError(
      `Cannot write to ${outdir}: ${message}. Make the folder writable, or choose another folder with CDKTF_OUTPUT (cdktf) or CDKTF_OUTDIR (npm run synth).`,
    );
  }
}

/** Renames each file into place, because another command for the stage may be reading it. */
function moveStacks(scratch: string, folder: string): SynthManifest {
  const manifest = JSON.parse(fs.readFileSync(join(scratch, MANIFEST), "utf8")) as SynthManifest;
  for (const { workingDirectory } of Object.values(manifest.stacks)) {
    moveFiles(join(scratch, workingDirectory), folder);
  }
  return manifest;
}

/** Moves the files of a folder, and deletes all other files in the folders below it. */
function moveFiles(from: string, to: string): void {
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!entry.isDirectory()) {
      fs.renameSync(source, target);
      continue;
    }
    fs.mkdirSync(target, { recursive: true });
    const names = fs.readdirSync(source);
    moveFiles(source, target);
    for (const name of fs.readdirSync(target)) {
      if (!names.includes(name)) fs.rmSync(join(target, name), { recursive: true, force: true });
    }
  }
}

function putManifest(manifest: SynthManifest, workingDirectory: string, scratch: string, into: string): void {
  const stacks = Object.entries(manifest.stacks).map(([name, stack]) => [
    name,
    {
      ...stack,
      workingDirectory,
      synthesizedStackPath: join(workingDirectory, basename(stack.synthesizedStackPath)),
      stackMetadataPath: join(workingDirectory, basename(stack.stackMetadataPath)),
    },
  ]);
  fs.writeFileSync(
    join(scratch, MANIFEST),
    JSON.stringify({ ...manifest, stacks: Object.fromEntries(stacks) }, null, 2),
  );
  fs.renameSync(join(scratch, MANIFEST), join(into, MANIFEST));
}
