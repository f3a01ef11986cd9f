import { NAME_RULES } from "@event-pipeline/event-model/resource-names";
import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { Token } from "cdktf";
import * as z from "zod";
import { ACCOUNT_IDS } from "./access";
import { AWS_PROVIDER_VERSION } from "./aws-provider-version";
import { defineOption, text } from "./option-schemas";
import { AWS_REGION, BUCKET_NAME } from "./retention";

export const NAME = new RegExp(`(?=${NAME_RULES.lengthPattern})${NAME_RULES.pattern}`);

export const NAME_ALLOWED =
  "2 to 40 lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as alice or team-7";

const TAG_KEY = /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u;

/** Options for the stack around the pipeline: its name, provider and state. */
export const DEPLOYMENT_SHAPE = {
  /**
   * Prefix of every resource's name. It is the default of Terraform's variable `name`, which cannot have another value
   * then, and part of the state's key in S3.
   * @default - Terraform reads `TF_VAR_name` or asks for the name; `stateBucket` requires this option
   */
  name: text(NAME, NAME_ALLOWED).optional(),
  /**
   * Tags for every resource that supports tags.
   * @default - only the topic has tags, `Project` and `Owner`
   */
  tags: defineOption(
    z.custom<Readonly<Record<string, string>>>(areTags),
    "an object of at most 48 tags. Keys have 1 to 128 and values up to 256 letters, digits, spaces and _.:/=+-@; no key begins with aws: or differs from another only in case",
  ).optional(),
  /**
   * ARN of the IAM role that Terraform assumes.
   * @default - Terraform uses its own credentials
   */
  assumeRoleArn: text(
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    "the ARN of an IAM role (arn:aws:iam::…:role/…)",
  ).optional(),
  /**
   * IDs of the accounts that Terraform may change.
   * @default - Terraform may change the account of its credentials, whichever it is
   */
  allowedAccountIds: ACCOUNT_IDS.optional(),
  /**
   * Version of the AWS provider that Terraform installs. `eventIdIndex` needs a newer one than the default.
   * @default - the version that `@cdktf/provider-aws` requires
   */
  awsProviderVersion: AWS_PROVIDER_VERSION.optional(),
  /**
   * Name of the S3 bucket that holds Terraform's state and its lock file.
   * @default - the state is in the file `terraform.event-pipeline.<stage>.tfstate` in the project's root
   */
  stateBucket: text(
    BUCKET_NAME,
    "the name of an S3 bucket: 3 to 63 lowercase letters, digits, hyphens and single dots, not an IP address, without a prefix or suffix that S3 reserves",
  ).optional(),
  /**
   * Region of `stateBucket`.
   * @default - the pipeline's region
   */
  stateRegion: AWS_REGION.optional(),
};

/** AWS allows 50 tags, and the topic has two more. IAM's tag keys are case-insensitive. */
function areTags(value: unknown): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return (
    keys.length <= 48 &&
    new Set(keys.map((key) => key.toLowerCase())).size === keys.length &&
    keys.every((key) => TAG_KEY.test(key)) &&
    Object.values(value).every((each) => typeof each === "string" && (TAG_VALUE.test(each) || Token.isUnresolved(each)))
  );
}
