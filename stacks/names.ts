/** What `{name}` may be; Terraform checks it before it plans anything. */
export const NAME_RULES = {
  pattern: "^[a-z](-?[a-z0-9])*$",
  lengthPattern: "^.{2,40}$",
  message:
    "The name must be 2 to 40 characters long: lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, for example alice or team-7.",
} as const;

/**
 * The names of everything in one person's pipeline.
 *
 * @param name - The `{name}` of the diagram: a literal, or the token of the
 * Terraform variable. With 40 characters every name stays within the 64 that IAM
 * allows a role and the 63 that S3 allows a bucket.
 */
export function pipelineNames(name: string) {
  return {
    topic: `${name}-events`,
    queue: `${name}-events-queue`,
    deadLetterQueue: `${name}-events-dlq`,
    processor: `${name}-event-processor`,
    table: `${name}-events`,
    rawBucket: `${name}-events-raw`,
    rawStream: `${name}-events-raw`,
    rawStreamRole: `${name}-events-raw-stream`,
    rawSubscriptionRole: `${name}-events-raw-subscription`,
  } as const;
}
