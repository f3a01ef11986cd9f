import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Clients } from "@event-pipeline/local-aws/clients";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { FunctionDeployment } from "@event-pipeline/local-aws/lambda/function";
import type { Block, SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { putObject } from "./resources";

/**
 * Changes of a synth while the run uses the stack: the code and the variables of functions, and objects. So new
 * contracts are in use without a restart. Other changes wait for the next start.
 */
export class StackUpdates {
  private readonly deployments = new Map<string, FunctionDeployment>();
  /** The version of the stack's file that was read last; none at first, because the file may have changed since. */
  private version: string | undefined;
  private updated: Promise<void> = Promise.resolve();

  constructor(
    private readonly stack: SynthesizedStack,
    private readonly clients: Clients,
    private readonly onNote: (message: string) => void,
  ) {}

  /** Returns a function's folder and variables in the present stack; undefined if it does not have the function. */
  async deploymentOf(functionName: string): Promise<FunctionDeployment | undefined> {
    // One after the other, so that each call sees the file as it is at the call or later.
    this.updated = this.updated.then(() => this.update());
    await this.updated;
    return this.deployments.get(functionName);
  }

  private async update(): Promise<void> {
    const version = versionOf(this.stack.file);
    if (version === this.version) return;
    this.version = version;
    try {
      const stack = this.stack.reread();
      const functions = stack.ofType("aws_lambda_function");
      const found = functions.map((block) => [String(block.get("function_name")), deploymentIn(stack, block)] as const);
      // Before the variables, by which commands find the object.
      for (const block of stack.ofType("aws_s3_object")) await putObject(block, this.clients.s3);
      for (const [name, deployment] of found) this.deployments.set(name, deployment);
    } catch (error) {
      this.onNote(`The stack has changed and cannot be used, so the former one runs: ${(error as Error).message}`);
    }
  }
}

/**
 * Returns the folder that Terraform would zip for a function, and the function's variables.
 *
 * @throws LocalRunError when the function's archive is not in the stack.
 */
export function deploymentIn(stack: SynthesizedStack, block: Block): FunctionDeployment {
  const file = block.get("filename");
  const archive = stack.ofType("archive_file").find((candidate) => candidate.get("output_path") === file);
  if (!archive) throw new LocalRunError(`${block.address} runs ${file}, which no archive_file of the stack creates.`);
  return {
    folder: resolve(stack.folder, String(archive.get("source_dir"))),
    environment: (block.nested("environment").variables ?? {}) as Readonly<Record<string, string>>,
  };
}

/** Returns a text that changes with the file, also if a copy has its size and modification time. */
function versionOf(file: string): string {
  try {
    const { size, mtimeMs, ctimeMs } = statSync(file);
    return `${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
