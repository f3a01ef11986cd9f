import type { Clients } from "@event-pipeline/local-aws/clients";
import type { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { Block, StackJson } from "@event-pipeline/terraform-json/stack-json";

/** What computed attributes depend on beyond the stack itself. */
export interface StackContext {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** What a resource is made with. */
export interface CreateContext {
  readonly stack: StackJson;
  readonly clients: Clients;
  /** For what AWS's API cannot tell the local run. */
  readonly aws: Pick<LocalAws, "declareTimeToLive">;
}

/** What the local run knows of one Terraform type. */
export interface ResourceType {
  /** The attributes that a provider computes and the arguments do not hold; none when absent. */
  readonly computed?: (block: Block, context: StackContext) => Readonly<Record<string, string>>;
  /** Whether the local run does what the block says: always, when absent. What it does not do is listed by address. */
  readonly isRun?: (block: Block) => boolean;
  /** Arguments of a block that is run, which change nothing here; `tags` are among those of every type. */
  readonly notRun?: readonly string[];
  /**
   * Makes it on the endpoint, over AWS's own API; what is there from an earlier
   * run stays. Absent for what is only read, or run by a part of its own.
   */
  readonly create?: (block: Block, context: CreateContext) => Promise<void>;
}

export function arnOf(service: string, resource: string, { region, accountId }: StackContext): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
