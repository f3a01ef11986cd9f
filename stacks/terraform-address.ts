import { TerraformDataSource, type TerraformElement, TerraformResource, type TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * Gives `element` the Terraform address `<type>.<name>`.
 *
 * Addresses are what people's state files hold, so they must not follow the
 * construct tree: without this, cdktf appends a hash of the path, and moving a
 * construct would destroy and re-create what it made.
 *
 * @throws Error when an attribute of the element was read before: cdktf has
 * then handed out the old address and would ignore the new one silently.
 */
export function pinned<T extends TerraformElement>(element: T, name: string): T {
  element.overrideLogicalId(name);
  if (element.friendlyUniqueId !== name) {
    throw new Error(
      `${element.node.path} cannot be pinned to "${name}": its address was already read as "${element.friendlyUniqueId}". Pin it right after it is made.`,
    );
  }
  return element;
}

/** The address of a pinned resource, as `depends_on` and `replace_triggered_by` take it. */
export function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

const guarded = new WeakSet<TerraformStack>();

/**
 * Makes synth fail when two blocks of a stack share an address. cdktf merges
 * such a pair into one block without a word, and one of the two is lost.
 */
export function forbidSharedAddresses(stack: TerraformStack): void {
  if (guarded.has(stack)) return;
  guarded.add(stack);
  stack.node.addValidation({ validate: () => sharedAddresses(stack) });
}

function sharedAddresses(stack: TerraformStack): string[] {
  const pathByAddress = new Map<string, string>();
  const errors: string[] = [];
  for (const construct of stack.node.findAll()) {
    const address = blockAddress(construct);
    if (address === undefined) continue;
    const earlierPath = pathByAddress.get(address);
    if (earlierPath !== undefined) {
      errors.push(
        `Terraform address ${address} is used by both ${earlierPath} and ${construct.node.path}. Give one of them another name.`,
      );
    }
    pathByAddress.set(address, construct.node.path);
  }
  return errors;
}

function blockAddress(construct: IConstruct): string | undefined {
  if (TerraformResource.isTerraformResource(construct)) return addressOf(construct);
  if (TerraformDataSource.isTerraformDataSource(construct)) {
    return `data.${construct.terraformResourceType}.${construct.friendlyUniqueId}`;
  }
  return undefined;
}
