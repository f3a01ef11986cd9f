import { NAME_RULES } from "@event-pipeline/event-model/resource-names";
import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { Token } from "cdktf";
import * as z from "zod";
import { ACCOUNT_IDS } from "./access";
import { AWS_PROVIDER_VERSION } from "./aws-provider-version";
import { EXISTING_BUCKET_NAME } from "./bucket-name";
import { ofKind, text } from "./kinds";
import { AWS_REGION } from "./retention";

export const NAME = new RegExp(`(?=${NAME_RULES.lengthPattern})${NAME_RULES.pattern}`);

export const NAME_ALLOWED =
  "2 to 40 lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as alice or team-7";

const TAG_KEY = /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u;

/** Options of the stack around the pipeline: its name, provider and state. */
export const DEPLOYMENT_SHAPE = {
  /**
   * What every resource's name starts with: the default of Terraform's variable `name`, which must then agree with it,
   * and part of the state's key in S3.
   * @default - Terraform asks for it, or takes `TF_VAR_name`; a `stateBucket` needs it
   */
  name: text(NAME, NAME_ALLOWED).optional(),
  /**
   * Tags of everything that can have some.
   * @default - none, but for the guide's `Project` and `Owner` on the topic
   */
  tags: ofKind(
    z.custom<Readonly<Record<string, string>>>(areTags),
    "an object of at most 48 tags: keys of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@, no key beginning with aws: and none twice in other capitals",
  ).optional(),
  /**
   * ARN of the role that Terraform makes everything as.
   * @default - the credentials that Terraform is run with
   */
  assumeRoleArn: text(
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    "the ARN of an IAM role (arn:aws:iam::…:role/…)",
  ).optional(),
  /**
   * Ids of the only accounts that Terraform may change.
   * @default - whatever account the credentials are of
   */
  allowedAccountIds: ACCOUNT_IDS.optional(),
  /**
   * Version of the AWS provider that Terraform installs. `eventIdIndex` needs a newer one than the default.
   * @default - the version that `@cdktf/provider-aws` asks for
   */
  awsProviderVersion: AWS_PROVIDER_VERSION.optional(),
  /**
   * S3 bucket for Terraform's state, with a lock file.
   * @default - a local file `terraform.event-pipeline.<stage>.tfstate` at the project's root
   */
  stateBucket: text(
    EXISTING_BUCKET_NAME,
    "the name of an S3 bucket: 3 to 63 lowercase letters, digits, hyphens and single dots, no IP address, and no prefix or suffix that S3 reserves",
  ).optional(),
  /**
   * Region of `stateBucket`.
   * @default - the pipeline's region
   */
  stateRegion: AWS_REGION.optional(),
};

/** The topic has two tags beside these, and AWS allows 50. IAM takes `Owner` and `owner` for one. */
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
