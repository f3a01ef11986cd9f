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
 * Adds a resource or data block with the Terraform address `<type>.<address>`.
 *
 * By default, cdktf derives an address from the construct's path. Moving a construct would then change its address, and
 * Terraform would destroy and recreate the resource.
 *
 * @example
 * const topic = addBlock(this, SnsTopic, "topic", "events", { name: "alice-events" });
 * topic.arn; // ${aws_sns_topic.events.arn}
 */
export function addBlock<C, T extends TerraformElement>(
  scope: Construct,
  type: new (scope: Construct, id: string, config: C) => T,
  id: string,
  address: string,
  config: NoInfer<C>,
): T {
  const block = new type(scope, id, config);
  block.overrideLogicalId(address);
  return block;
}

/** Returns a text that Terraform reads as it is, with no `${…}` or `%{…}` evaluated. */
export function escapeTemplates(text: string): string {
  return text.replace(/[$%](?=\{)/g, "$&$&");
}

/** Returns a resource's address for `depends_on` and `replace_triggered_by`. */
export function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

const guardedStacks = new WeakSet<TerraformStack>();

/** Makes synth fail if two blocks of a stack have the same address, which cdktf would silently merge. */
export function forbidSharedAddresses(stack: TerraformStack): void {
  if (guardedStacks.has(stack)) return;
  guardedStacks.add(stack);
  stack.node.addValidation({ validate: () => sharedAddresses(stack) });
}

function sharedAddresses(stack: TerraformStack): string[] {
  const pathByAddress = new Map<string, string>();
  return stack.node.findAll().flatMap((construct) => {
    const { path } = construct.node;
    const address = blockAddress(construct);
    if (address === undefined) return [];
    const earlierPath = pathByAddress.get(address);
    pathByAddress.set(address, path);
    if (earlierPath === undefined) return [];
    return `${earlierPath} and ${path} have the same Terraform address ${address}. Rename one of them.`;
  });
}

function blockAddress(construct: IConstruct): string | undefined {
  if (TerraformResource.isTerraformResource(construct)) return addressOf(construct);
  if (TerraformDataSource.isTerraformDataSource(construct)) {
    return `data.${construct.terraformResourceType}.${construct.friendlyUniqueId}`;
  }
  return undefined;
}

/** Escapes a text so that Terraform evaluates no expression in it. Returns a text with tokens unchanged. */
export function escapeTerraform(text: string): string {
  if (Token.isUnresolved(text)) return text;
  return text.replaceAll("${", "$$${").replaceAll("%{", "%%{");
}

export interface TerraformDataConfig extends Pick<TerraformResourceConfig, "lifecycle"> {
  readonly input: Readonly<Record<string, string>>;
}

/** A `terraform_data` resource. Unlike cdktf's own class, it does not run `terraform version` at synth. */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly config: TerraformDataConfig,
  ) {
    const { lifecycle } = config;
    super(scope, id, { terraformResourceType: "terraform_data", ...(lifecycle && { lifecycle }) });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { input: this.config.input };
  }
}
