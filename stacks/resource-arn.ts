import { partitionOf } from "./options/aws-region";

/** Where a pipeline is. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/**
 * The ARN of a resource by its name: for a policy that has to be there before the resource, or that the resource itself
 * depends on.
 *
 * @param resource - What the ARN ends with, such as `deliverystream/alice-events-raw`.
 */
export function resourceArn({ region, accountId }: Place, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;
}
