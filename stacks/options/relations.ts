import { arnProblem } from "./aws-region";
import { type Check, problemsOf } from "./check";
import { consumerProblems } from "./consumer-relations";
import type { PipelineOptions } from "./pipeline-options";
import type { StageOptions } from "./stage-options";

/** What is wrong with a pipeline's options together, each valid alone. */
export function pipelineProblems(options: PipelineOptions): string[] {
  const checks: readonly Check[] = [
    {
      broken: options.deadLetterRetentionDays <= options.queueRetentionDays,
      problem: `deadLetterRetentionDays is ${options.deadLetterRetentionDays} and queueRetentionDays ${options.queueRetentionDays}. The dead-letter queue must keep messages longer: their age counts from the first queue.`,
    },
    ...archiveChecks(options),
    {
      broken: options.encryptLogs && options.kmsKey === undefined,
      problem:
        "encryptLogs is true without a kmsKey. Set one, or leave encryptLogs out: CloudWatch encrypts logs in any case.",
    },
    {
      broken: !options.monitoring && (options.okActions || (options.alarmEmail ?? options.alarmTopicArn) !== undefined),
      problem: "alarmEmail, alarmTopicArn or okActions is set, but monitoring is false, so nothing would ever alarm.",
    },
    {
      broken: options.alarmEmail !== undefined && options.alarmTopicArn !== undefined,
      problem: "alarmEmail and alarmTopicArn are both set. Subscribe the address to your own topic, or leave one out.",
    },
  ];
  const { region, kmsKey, formerKmsKeys = [], alarmTopicArn, permissionsBoundary } = options;
  const arns = {
    kmsKey: kmsKey === "create" ? undefined : kmsKey,
    ...Object.fromEntries(formerKmsKeys.map((arn, index) => [`formerKmsKeys[${index}]`, arn])),
    alarmTopicArn,
    permissionsBoundary,
  };
  return [...consumerProblems(options), ...problemsOf(checks), ...arnProblems(region, arns)];
}

/** What is wrong with the options of the stack around the pipeline. */
export function stageProblems(options: StageOptions): string[] {
  const checks: readonly Check[] = [
    {
      broken: options.stateRegion !== undefined && options.stateBucket === undefined,
      problem: `stateRegion is "${options.stateRegion}" without a stateBucket. Set both, or neither for a local state file.`,
    },
    {
      broken: options.stateBucket !== undefined && options.name === undefined,
      problem: `stateBucket is "${options.stateBucket}" without a name. The state's key holds the name, or two people's stages would share one state and each would replace the other's resources: set name, or EVENT_PIPELINE_NAME.`,
    },
  ];
  return [...problemsOf(checks), ...arnProblems(options.region, { assumeRoleArn: options.assumeRoleArn })];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
function archiveChecks({ archiveStandardIaDays, archiveGlacierDays, archiveExpiryDays }: PipelineOptions): Check[] {
  const last = Math.max(archiveStandardIaDays, archiveGlacierDays);
  return [
    {
      broken: archiveStandardIaDays > 0 && archiveGlacierDays > 0 && archiveGlacierDays < archiveStandardIaDays + 30,
      problem: `archiveGlacierDays is ${archiveGlacierDays} and archiveStandardIaDays ${archiveStandardIaDays}. S3 keeps an object in STANDARD_IA for at least 30 days: set archiveGlacierDays to ${archiveStandardIaDays + 30} or more, or one of them to 0.`,
    },
    {
      broken: archiveExpiryDays > 0 && archiveExpiryDays <= last,
      problem: `archiveExpiryDays is ${archiveExpiryDays}, and objects still move to another class after ${last} days. It must be more, or 0.`,
    },
  ];
}

function arnProblems(region: string, arns: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(arns).flatMap(([option, arn]) => (arn && arnProblem(option, arn, region)) ?? []);
}
