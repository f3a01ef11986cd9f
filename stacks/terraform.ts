import {
  TerraformDataSource,
  type TerraformElement,
  TerraformResource,
  type TerraformResourceConfig,
  type TerraformStack,
  Token,
} from "cdktf";
import type { Construct, IConstruct } from "constructs";

/**
 * Gives an element the Terraform address `<type>.<name>`.
 *
 * By default, cdktf derives an address from the construct's path. Moving a construct would then change its address, and
 * Terraform would destroy and recreate the resource.
 *
 * @throws Error if an attribute of the element was read before: cdktf would keep using the default address.
 * @example
 * const topic = pinned(new SnsTopic(this, "topic", { name: "alice-events" }), "events");
 * topic.arn; // ${aws_sns_topic.events.arn}
 */
export function pinned<T extends TerraformElement>(element: T, name: string): T {
  element.overrideLogicalId(name);
  if (element.friendlyUniqueId !== name) {
    throw new Error(
      `Cannot pin ${element.node.path} to the address "${name}": its address was already read as "${element.friendlyUniqueId}". Pin it right after creating it.`,
    );
  }
  return element;
}

/** Returns a pinned resource's address for `depends_on` and `replace_triggered_by`. */
export function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

const guardedStacks = new WeakSet<TerraformStack>();

/** Fails synth if two blocks of a stack have the same address. cdktf would silently merge them into one. */
export function forbidSharedAddresses(stack: TerraformStack): void {
  if (guardedStacks.has(stack)) return;
  guardedStacks.add(stack);
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
        `${earlierPath} and ${construct.node.path} have the same Terraform address ${address}. Rename one of them.`,
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

/** Escapes a text so that Terraform evaluates no expression in it. A token is an intended expression and stays. */
export function escapeTerraform(text: string): string {
  if (Token.isUnresolved(text)) return text;
  return text.replaceAll("${", "$$${").replaceAll("%{", "%%{");
}

/** A `terraform_data` resource. cdktf's own class runs `terraform version` at synth. */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly input: Readonly<Record<string, string>>,
    lifecycle?: TerraformResourceConfig["lifecycle"],
  ) {
    super(scope, id, { terraformResourceType: "terraform_data", ...(lifecycle && { lifecycle }) });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { input: this.input };
  }
}
