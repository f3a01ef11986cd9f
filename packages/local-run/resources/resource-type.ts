import type { Clients } from "@event-pipeline/local-aws/clients";
import type { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { Block, StackJson } from "@event-pipeline/terraform-json/stack-json";

/** The part of an attribute's value that the stack itself does not hold. */
export interface StackLocation {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

export interface CreateContext {
  readonly stack: StackJson;
  readonly clients: Clients;
  /** Used for what AWS's API cannot set up in the local run. */
  readonly aws: Pick<LocalAws, "declareTimeToLive">;
}

/** One Terraform type that the local run supports. */
export interface ResourceType {
  /** Returns the attributes that the provider computes, such as the ARN. @default - none */
  readonly computed?: (block: Block, location: StackLocation) => Readonly<Record<string, string>>;
  /** Returns whether the local run runs the block; if not, its address is listed. @default - always */
  readonly isRun?: (block: Block) => boolean;
  /** Arguments that the local run ignores, in addition to `tags`. @default - none */
  readonly ignoredArguments?: readonly string[];
  /**
   * Creates the resource through AWS's API, or updates one that an earlier run left in the data folder.
   *
   * @default - nothing is created; the block is only read, or has its own class
   */
  readonly create?: (block: Block, context: CreateContext) => Promise<void>;
}

export function arnOf(service: string, resource: string, { region, accountId }: StackLocation): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** Returns the API's attributes for the arguments that the block sets, by a table of argument → attribute. */
export function attributesOf(block: Block, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([argument, attribute]) => {
      const value = block.get(argument);
      return value === undefined ? [] : [[attribute, String(value)]];
    }),
  );
}
