import { flag, listOfTexts, textOrToken } from "./option-schemas";

export const ACCOUNT_IDS = listOfTexts(/^\d{12}$/, 'a list of 12-digit account IDs, such as ["123456789012"]');

const KEY_ARN = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/;

/** Options for publishers, IAM roles and encryption. */
export const ACCESS_SHAPE = {
  /**
   * KMS key that encrypts the topic, queues, table, stream and bucket. `create` creates a key. An ARN selects your own
   * key, whose policy must allow SNS and the account's IAM policies to use it. The alarm topic is never encrypted with
   * this key.
   * @default - all data is encrypted with keys that AWS owns, at no cost
   */
  kmsKey: textOrToken(
    new RegExp(`^create$|${KEY_ARN.source}`),
    "create, or the ARN of a customer managed key (arn:aws:kms:…:key/…); SNS cannot deliver to a queue that is encrypted with alias/aws/sqs",
  ).optional(),
  /**
   * ARNs of keys that `kmsKey` used before. Functions and Firehose keep access to these keys, so that they can read
   * messages and objects that are still encrypted with them.
   * @default - functions and Firehose have no access to other keys
   */
  formerKmsKeys: listOfTexts(
    KEY_ARN,
    'a list of key ARNs, such as ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]',
  ).optional(),
  /**
   * Encrypts the log groups with `kmsKey`, in addition to the data. While the key is disabled, you cannot read the
   * logs.
   * @default - false: CloudWatch encrypts the logs with its own key
   */
  encryptLogs: flag().default(false),
  /**
   * IDs of other accounts whose users and roles may publish if their IAM policies allow it.
   * @default - only the pipeline's account may publish
   */
  publisherAccounts: ACCOUNT_IDS.optional(),
  /**
   * ID of the AWS organization whose users and roles may publish if their IAM policies allow it.
   * @default - no organization may publish
   */
  publisherOrganization: textOrToken(
    /^o-[a-z0-9]{10,32}$/,
    "the ID of an organization, such as o-a1b2c3d4e5",
  ).optional(),
  /**
   * AWS services that may publish on behalf of the pipeline's account, such as `s3.amazonaws.com`. Their requests must
   * contain `aws:SourceAccount`. EventBridge (`events.amazonaws.com`) does not send it, so EventBridge may publish for
   * any account.
   * @default - no AWS service may publish
   */
  publisherServices: listOfTexts(
    /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/,
    'a list of services, such as ["s3.amazonaws.com"]',
  ).optional(),
  /**
   * IAM path of every role that the pipeline creates. Changing it replaces the roles.
   * @default - `/`
   */
  rolePath: textOrToken(
    /^(?=.{1,512}$)\/(?:[\w+=,.@-]+\/)*$/,
    "a path that begins and ends with a slash, such as /teams/events/",
  ).optional(),
  /**
   * ARN of the permissions boundary for every role that the pipeline creates.
   * @default - no permissions boundary
   */
  permissionsBoundary: textOrToken(
    /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    "the ARN of an IAM policy (arn:aws:iam::…:policy/…)",
  ).optional(),
};
