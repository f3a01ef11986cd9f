import { NAME_RULES } from "@event-pipeline/event-model/resource-names";
import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { Token } from "cdktf";
import * as z from "zod";
import { ACCOUNT_IDS } from "./access";
import { AWS_PROVIDER_VERSION } from "./aws-provider-version";
import { defineOption, flag, text } from "./option-schemas";
import { AWS_REGION, BUCKET_NAME_PATTERN } from "./retention";

export const NAME = new RegExp(`(?=${NAME_RULES.lengthPattern})${NAME_RULES.pattern}`);

export const NAME_ALLOWED =
  "2 to 40 lowercase letters, digits and single hyphens, starting with a letter and not ending with a hyphen, such as alice or team-7";

const TAG_KEY = /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u;

/** Options for the stack around the pipeline: its name, provider and state. */
export const DEPLOYMENT_SHAPE = {
  /**
   * Prefix of every resource's name. This option is the default of the Terraform variable `name`, which then cannot
   * have another value. It is also part of the state's key in S3.
   * @default - Terraform reads `TF_VAR_name` or asks for the name; with `stateBucket`, this option is required
   */
  name: text(NAME, NAME_ALLOWED).optional(),
  /**
   * Tags for every resource that supports tags.
   * @default - only the topic has tags: `Project` and `Owner`
   */
  tags: defineOption(
    z.custom<Readonly<Record<string, string>>>(areTags),
    "an object of at most 48 tags. Keys have 1 to 128 characters and values at most 256: letters, digits, spaces and _.:/=+-@. No key begins with aws:, and no two keys differ only in case",
  ).optional(),
  /**
   * ARN of the IAM role that Terraform assumes to manage resources.
   * @default - Terraform uses its own credentials
   */
  assumeRoleArn: text(
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    "the ARN of an IAM role (arn:aws:iam::…:role/…)",
  ).optional(),
  /**
   * IDs of the accounts in which Terraform may change resources.
   * @default - any account that Terraform's credentials belong to
   */
  allowedAccountIds: ACCOUNT_IDS.optional(),
  /**
   * Deploys the stage to an AWS emulator. `npm run diff`, `deploy` and `destroy` use an endpoint outside AWS only with this
   * option, and require one with it. They read it only from cdktf.json.
   * @default - false: the stage is for AWS
   */
  emulator: flag().default(false),
  /**
   * Version of the AWS provider that Terraform installs. `eventIdIndex` needs a version newer than the default.
   * @default - the version that `@cdktf/provider-aws` requires
   */
  awsProviderVersion: AWS_PROVIDER_VERSION.optional(),
  /**
   * Name of the S3 bucket for Terraform's state and lock file.
   * @default - the state is in the local file `terraform.event-pipeline.<stage>.tfstate`
   */
  stateBucket: text(
    BUCKET_NAME_PATTERN,
    "the name of an S3 bucket: 3 to 63 lowercase letters, digits, hyphens and single dots, not an IP address, without a prefix or suffix that S3 reserves",
  ).optional(),
  /**
   * Region of `stateBucket`.
   * @default - the pipeline's region
   */
  stateRegion: AWS_REGION.optional(),
};

/** AWS allows 50 tags per resource, of which two are left for the topic's own. IAM's tag keys are case-insensitive. */
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
