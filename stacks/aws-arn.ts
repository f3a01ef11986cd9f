export interface AwsLocation {
  readonly region: string;
  readonly accountId: string;
}

/** Region prefixes of the partitions other than `aws`. */
const PARTITIONS: readonly (readonly [regionPrefix: string, partition: string])[] = [
  ["cn-", "aws-cn"],
  ["us-gov-", "aws-us-gov"],
  ["us-iso-", "aws-iso"],
  ["us-isob-", "aws-iso-b"],
  ["eu-isoe-", "aws-iso-e"],
  ["us-isof-", "aws-iso-f"],
  ["eusc-", "aws-eusc"],
];

/** Returns a region's partition, such as `aws` or `aws-cn`. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "aws";
}

/**
 * Builds a resource's ARN from its name, for policies that Terraform must create before the resource.
 *
 * @param resource - The end of the ARN, such as `deliverystream/alice-events-raw`.
 */
export function resourceArn({ region, accountId }: AwsLocation, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;
}
