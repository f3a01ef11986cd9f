import { Token } from "cdktf";

/** Beginnings of the regions outside the partition `aws`. */
const PARTITIONS: readonly (readonly [beginning: string, partition: string])[] = [
  ["cn-", "aws-cn"],
  ["us-gov-", "aws-us-gov"],
  ["us-iso-", "aws-iso"],
  ["us-isob-", "aws-iso-b"],
  ["eu-isoe-", "aws-iso-e"],
  ["us-isof-", "aws-iso-f"],
  ["eusc-", "aws-eusc"],
];

/** What is wrong with the region or partition of an ARN that has to be the pipeline's; undefined when nothing is. */
export function arnProblem(option: string, arn: string, region: string): string | undefined {
  if (Token.isUnresolved(arn)) return undefined;
  const [, partition, service, arnRegion] = arn.split(":");
  const expected = partitionOf(region);
  // IAM's ARNs have no region.
  const where = service === "iam" ? "" : region;
  if (partition === expected && arnRegion === where) return undefined;
  return `${option} is "${arn}". It must be of the pipeline's region, ${region}, and so begin with arn:${expected}:${service}:${where}:`;
}

/** Such as `aws` or `aws-cn`, with which the ARNs of a region begin. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(([beginning]) => region.startsWith(beginning))?.[1] ?? "aws";
}
