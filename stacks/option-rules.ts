import { NAME_RULES } from "../contract/resource-names";
import { isFilterPolicy } from "./filter-policy";
import type { PipelineOptions } from "./options";

/** What one option may be, and how its environment variable is read. */
interface Rule {
  /** Completes the sentence "It must be …". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  /** The option's value in the words of an environment variable. */
  readonly parse: (text: string) => unknown;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/**
 * Without the dots that S3 allows: a name with one has no certificate.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const RAW_BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

const ACCOUNT_IDS = list(/^\d{12}$/, 'a list of account ids, each a text of 12 digits, such as ["123456789012"]');

const AWS_REGION = text(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "an AWS region such as eu-central-1");

export const OPTION_RULES: Readonly<Record<keyof PipelineOptions, Rule>> = {
  name: {
    allowed:
      "2 to 40 lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as alice or team-7",
    accepts: (value) =>
      typeof value === "string" &&
      [NAME_RULES.pattern, NAME_RULES.lengthPattern].every((pattern) => new RegExp(pattern).test(value)),
    parse: (given) => given,
  },
  region: AWS_REGION,
  eventTtlDays: wholeNumber(0, 36_500, "days (0 keeps items for ever)"),
  batchSize: wholeNumber(1, 10_000, "messages"),
  batchWindowSeconds: wholeNumber(0, 300, "seconds"),
  timeoutSeconds: wholeNumber(1, 900, "seconds"),
  memorySizeMiB: wholeNumber(128, 10_240, "MiB"),
  maxConcurrency: wholeNumber(2, 1_000, "invocations"),
  reservedConcurrency: wholeNumber(2, 1_000, "invocations"),
  maxReceiveCount: wholeNumber(1, 1_000, "receives"),
  visibilityTimeoutSeconds: wholeNumber(0, 43_200, "seconds"),
  // A day less than a dead-letter queue may have, which must keep messages longer.
  queueRetentionDays: wholeNumber(1, 13, "days"),
  deadLetterRetentionDays: wholeNumber(1, 14, "days"),
  logRetentionDays: oneOf(LOG_RETENTION_DAYS, Number),
  filterPolicy: {
    allowed: 'an SNS filter policy: names with lists of what to match, such as {"severity": ["high"]}',
    accepts: isFilterPolicy,
    parse: parseJson,
  },
  filterPolicyScope: oneOf(["MessageAttributes", "MessageBody"], String),
  kmsKey: text(
    /^(create|arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+)$/,
    "create, or the ARN of a customer-managed key (arn:aws:kms:…:key/…; a queue under alias/aws/sqs cannot receive from SNS)",
  ),
  encryptLogs: flag(),
  publisherAccounts: ACCOUNT_IDS,
  publisherOrganization: text(/^o-[a-z0-9]{10,32}$/, "the id of an organization, such as o-a1b2c3d4e5"),
  publisherServices: list(
    /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/,
    'a list of services, such as ["s3.amazonaws.com"]',
  ),
  alarmEmail: text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address"),
  alarmTopicArn: text(/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/, "the ARN of a standard SNS topic"),
  oldestMessageAlarmSeconds: wholeNumber(60, 1_209_600, "seconds"),
  okActions: flag(),
  monitoring: flag(),
  tracing: flag(),
  tracingPolicy: flag(),
  retainData: flag(),
  rawBucketName: text(
    RAW_BUCKET_NAME,
    "3 to 63 lowercase letters, digits and hyphens, no hyphen at either end, and none of the beginnings and ends that S3 keeps for itself (such as xn-- and --ol-s3)",
  ),
  // S3 moves nothing to STANDARD_IA sooner.
  archiveStandardIaDays: zeroOr(30, 36_500, "days (0 for never)"),
  archiveGlacierDays: zeroOr(1, 36_500, "days (0 for never)"),
  archiveExpiryDays: zeroOr(1, 36_500, "days (0 for never)"),
  tags: {
    allowed:
      "an object of at most 48 tags: keys of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@, no key beginning with aws: and none twice in other capitals",
    accepts: isTags,
    parse: parseJson,
  },
  rolePath: text(
    /^(?=.{1,512}$)\/(?:[\w+=,.@-]+\/)*$/,
    "a path that begins and ends with a slash, such as /teams/events/",
  ),
  permissionsBoundary: text(
    /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    "the ARN of an IAM policy (arn:aws:iam::…:policy/…)",
  ),
  assumeRoleArn: text(
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    "the ARN of an IAM role (arn:aws:iam::…:role/…)",
  ),
  allowedAccountIds: ACCOUNT_IDS,
  stateBucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket"),
  stateRegion: AWS_REGION,
};

function wholeNumber(min: number, max: number, unit: string): Rule {
  return {
    allowed: `a whole number of ${unit} from ${min} to ${max}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    parse: (given) => (/^\d+$/.test(given) ? Number(given) : given),
  };
}

function zeroOr(min: number, max: number, unit: string): Rule {
  const rule = wholeNumber(min, max, unit);
  return { ...rule, allowed: `0, or ${rule.allowed}`, accepts: (value) => value === 0 || rule.accepts(value) };
}

function text(pattern: RegExp, allowed: string): Rule {
  return { allowed, accepts: (value) => typeof value === "string" && pattern.test(value), parse: (given) => given };
}

function list(pattern: RegExp, allowed: string): Rule {
  return {
    allowed: `${allowed}; commas between them in the variable`,
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string" && pattern.test(each)),
    parse: (given) => given.split(","),
  };
}

function oneOf<T>(values: readonly T[], parse: (given: string) => unknown): Rule {
  return { allowed: `one of ${values.join(", ")}`, accepts: (value) => values.includes(value as T), parse };
}

function flag(): Rule {
  return {
    allowed: "true or false",
    accepts: (value) => typeof value === "boolean",
    parse: (given) => ({ true: true, false: false })[given] ?? given,
  };
}

/** The topic has two tags beside these, and AWS allows 50. IAM takes `Owner` and `owner` for one. */
function isTags(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return (
    keys.length <= 48 &&
    new Set(keys.map((key) => key.toLowerCase())).size === keys.length &&
    keys.every((key) => /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu.test(key)) &&
    Object.values(value).every((each) => typeof each === "string" && /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u.test(each))
  );
}

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return given; // Text is no filter policy, so the rule refuses it and names it.
  }
}
