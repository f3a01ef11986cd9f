import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

interface RemovedBlock {
  readonly from: string;
  readonly lifecycle: { readonly destroy: false };
}

/** Of the pipelines of a stack: an override of the stack takes the place of the one before. */
const removedBlocks = new WeakMap<TerraformStack, RemovedBlock[]>();

/**
 * Has Terraform let go of a key, without destroying it, that an earlier deploy
 * of the pipeline made: `prevent_destroy` goes with the key's block, and with the
 * key all that it encrypted would be lost. Where there is none it does nothing.
 *
 * @param address - Terraform's name of the key.
 */
export function keepFormerKey(scope: Construct, address: string): void {
  const stack = TerraformStack.of(scope);
  const blocks = removedBlocks.get(stack) ?? [];
  for (const type of ["aws_kms_key", "aws_kms_alias"]) {
    blocks.push({ from: `${type}.${address}`, lifecycle: { destroy: false } });
  }
  removedBlocks.set(stack, blocks);
  stack.addOverride("removed", blocks);
}
