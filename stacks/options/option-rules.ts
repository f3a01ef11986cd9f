import { filterPolicyProblems } from "@event-pipeline/sns-filter-policy/filter-policy";
import { Token } from "cdktf";
import { partitionOf } from "../aws-arn";
import { type ConsumerOptions, minVisibilityTimeoutSeconds, visibilityTimeoutSeconds } from "./consumer";
import { archiveFreshnessAlarmSeconds } from "./monitoring";
import type { PipelineOptions } from "./pipeline-options";
import type { StageOptions } from "./stage-options";

/** A rule that relates several options. */
interface OptionRule {
  readonly isBroken: boolean;
  /** Names each option with its value, what is allowed and what to do. */
  readonly message: string;
}

/** Returns a sentence for each rule that a consumer's options violate in combination. */
export function consumerProblems(options: ConsumerOptions): string[] {
  const minimum = minVisibilityTimeoutSeconds(options);
  const visibility = visibilityTimeoutSeconds(options);
  const { batchSize, batchWindowSeconds, maxConcurrency = 0, reservedConcurrency = Number.POSITIVE_INFINITY } = options;
  return [
    ...messagesOf([
      {
        isBroken: visibility < minimum,
        message: `Invalid visibilityTimeoutSeconds ${visibility}: expected at least ${minimum}, which is 6 × timeoutSeconds + batchWindowSeconds. With less, a message could reappear while it is processed. Leave the option out to use this minimum.`,
      },
      {
        isBroken: batchSize > 10 && batchWindowSeconds < 1,
        message: `Invalid batchWindowSeconds ${batchWindowSeconds} with batchSize ${batchSize}: Lambda requires a window of at least 1 second for batches of more than 10 messages.`,
      },
      {
        isBroken: maxConcurrency > reservedConcurrency,
        message: `Invalid maxConcurrency ${maxConcurrency}: expected at most reservedConcurrency, ${reservedConcurrency}. Lambda would throttle further invocations, and each of them counts as one receive for its messages.`,
      },
    ]),
    ...subscriptionProblems(options),
  ];
}

/** Returns a sentence for each rule that a pipeline's options violate in combination. */
export function pipelineProblems(options: PipelineOptions): string[] {
  const { region, kmsKey, formerKmsKeys = [], alarmTopicArn, alarmEmail, permissionsBoundary } = options;
  const { queueRetentionDays, deadLetterRetentionDays, archiveBufferSeconds } = options;
  const rules: readonly OptionRule[] = [
    {
      isBroken: deadLetterRetentionDays <= queueRetentionDays,
      message: `Invalid deadLetterRetentionDays ${deadLetterRetentionDays}: expected more than queueRetentionDays, ${queueRetentionDays}. SQS counts a dead letter's age from its arrival in the first queue.`,
    },
    ...archiveRules(options),
    {
      isBroken: archiveFreshnessAlarmSeconds(options) < archiveBufferSeconds + 60,
      message: `Invalid archiveFreshnessAlarmSeconds ${options.archiveFreshnessAlarmSeconds}: expected at least ${archiveBufferSeconds + 60}, which is archiveBufferSeconds + 60, because Firehose buffers events for archiveBufferSeconds. Leave the option out to use archiveBufferSeconds + 300.`,
    },
    {
      isBroken: options.encryptLogs && kmsKey === undefined,
      message: "Invalid encryptLogs true without kmsKey. Set kmsKey, or leave encryptLogs out.",
    },
    {
      isBroken: !options.monitoring && (options.okActions || (alarmEmail ?? alarmTopicArn) !== undefined),
      message: "alarmEmail, alarmTopicArn and okActions have no effect with monitoring false. Leave them out.",
    },
    {
      isBroken: alarmEmail !== undefined && alarmTopicArn !== undefined,
      message: "alarmEmail and alarmTopicArn are both set. Leave one out, or subscribe the address to your own topic.",
    },
  ];
  const arns = {
    kmsKey: kmsKey === "create" ? undefined : kmsKey,
    ...Object.fromEntries(formerKmsKeys.map((arn, index) => [`formerKmsKeys[${index}]`, arn])),
    alarmTopicArn,
    permissionsBoundary,
  };
  return [...consumerProblems(options), ...messagesOf(rules), ...arnProblems(region, arns)];
}

/** Returns a sentence for each rule that the options of the stack around the pipeline violate in combination. */
export function stageProblems({ stateRegion, stateBucket, name, region, assumeRoleArn }: StageOptions): string[] {
  const rules: readonly OptionRule[] = [
    {
      isBroken: stateRegion !== undefined && stateBucket === undefined,
      message: `Invalid stateRegion "${stateRegion}" without stateBucket. Set both, or neither to keep the state in a local file.`,
    },
    {
      isBroken: stateBucket !== undefined && name === undefined,
      message: `Invalid stateBucket "${stateBucket}" without name. The state's key contains the name, so that two people do not overwrite each other's state. Set name or EVENT_PIPELINE_NAME.`,
    },
  ];
  return [...messagesOf(rules), ...arnProblems(region, { assumeRoleArn })];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
function archiveRules({ archiveStandardIaDays, archiveGlacierDays, archiveExpiryDays }: PipelineOptions): OptionRule[] {
  const lastTransition = Math.max(archiveStandardIaDays, archiveGlacierDays);
  const minGlacierDays = archiveStandardIaDays + 30;
  return [
    {
      isBroken: archiveStandardIaDays > 0 && archiveGlacierDays > 0 && archiveGlacierDays < minGlacierDays,
      message: `Invalid archiveGlacierDays ${archiveGlacierDays}: expected 0 for never, or at least ${minGlacierDays} (archiveStandardIaDays ${archiveStandardIaDays} plus 30), because S3 keeps an object in STANDARD_IA for at least 30 days.`,
    },
    {
      isBroken: archiveExpiryDays > 0 && archiveExpiryDays <= lastTransition,
      message: `Invalid archiveExpiryDays ${archiveExpiryDays}: expected 0 for never, or more than archiveStandardIaDays ${archiveStandardIaDays} and archiveGlacierDays ${archiveGlacierDays}.`,
    },
  ];
}

function subscriptionProblems({ filterPolicy, filterPolicyScope }: ConsumerOptions): string[] {
  if (filterPolicy === undefined) return [];
  const problems = filterPolicyProblems(filterPolicy, filterPolicyScope).map((problem) => `filterPolicy ${problem}`);
  // JSON.stringify cannot overflow the stack: SNS's rules limit the depth of a valid policy.
  if (problems.length === 0 && JSON.stringify(filterPolicy).includes("TfToken[")) {
    problems.push("Invalid filterPolicy: expected values without CDKTF tokens, because synth validates them.");
  }
  return problems;
}

/** Returns a sentence for each ARN whose region or partition differs from the pipeline's. */
function arnProblems(region: string, arns: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(arns).flatMap(([option, arn]) => {
    if (arn === undefined || Token.isUnresolved(arn)) return [];
    const service = arn.split(":")[2];
    // IAM's ARNs have no region.
    const expected = `arn:${partitionOf(region)}:${service}:${service === "iam" ? "" : region}:`;
    if (arn.startsWith(expected)) return [];
    return `Invalid ${option} "${arn}": expected an ARN that begins with ${expected}, because the pipeline's region is ${region}.`;
  });
}

function messagesOf(rules: readonly OptionRule[]): string[] {
  return rules.flatMap(({ isBroken, message }) => (isBroken ? [message] : []));
}
