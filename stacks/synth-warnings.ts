import { Annotations, Token } from "cdktf";
import type { Construct } from "constructs";
import { indexBug } from "./options/aws-provider-version";
import type { PipelineOptions } from "./options/pipeline-options";
import { isKnownService, KNOWN_SERVICES } from "./publishers";

/** Adds a warning to synth for each valid option that may have a surprising effect. */
export function warnAboutOptions(scope: Construct, options: PipelineOptions): void {
  const { eventTtlDays, queueRetentionDays, deadLetterRetentionDays, publisherServices = [] } = options;
  const queuedDays = queueRetentionDays + deadLetterRetentionDays;
  if (eventTtlDays > 0 && eventTtlDays <= queuedDays) {
    warn(
      scope,
      `eventTtlDays is ${eventTtlDays}, but the queues keep messages for up to ${queuedDays} days. An event that is redriven after ${eventTtlDays} days is stored as expired, and DynamoDB soon deletes it. The metric EventsExpired counts such events.`,
    );
  }
  for (const service of publisherServices) {
    if (Token.isUnresolved(service) || isKnownService(service)) continue;
    warn(
      scope,
      `publisherServices contains ${service}, which can publish only if its requests carry aws:SourceAccount. The services known to work are ${KNOWN_SERVICES.join(", ")}. Publish a test event and check that it is stored.`,
    );
  }
}

/** Adds a warning to synth if the AWS provider's version has a known bug that affects `eventIdIndex`. */
export function warnAboutProvider(
  scope: Construct,
  version: string,
  { eventIdIndex }: Pick<PipelineOptions, "eventIdIndex">,
): void {
  const bug = eventIdIndex ? indexBug(version) : undefined;
  if (bug === undefined) return;
  warn(
    scope,
    `eventIdIndex is true, but the AWS provider ${version} ${bug.effect} (${bug.issue}). Set awsProviderVersion to 6.35.0 or newer, such as 6.66.0.`,
  );
}

function warn(scope: Construct, message: string): void {
  Annotations.of(scope).addWarning(message);
}
